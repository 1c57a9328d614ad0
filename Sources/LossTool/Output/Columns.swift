/// Aligns rows of text in columns.
enum Columns {
  /// The rows as indented lines; every column except the last has the width of its widest cell.
  static func lines(_ rows: [[String]], indent: Int = 2) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count - 1 ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        column == row.count - 1
          ? text : text + String(repeating: " ", count: widths[column] - text.count + 2)
      }
      return String(repeating: " ", count: indent) + cells.joined()
    }
  }
}
