public import LossTensors

/// Columns of a table of numbers: fields separated by commas, semicolons or tabs (RFC 4180).
///
/// A field may be quoted, with inner quotes doubled; lines end in LF or CRLF; the text is UTF-8. The
/// separator is that of the first two lines. The element type follows from the notation of all chosen
/// columns, as in `TensorJSON`: only integers give `i64`, and only `true` and `false` (also as Python
/// and R write them) give `bool`.
///
/// A first line of only numbers is data: such a table has no header, and its columns are numbered
/// from 0.
public enum CSVFile {
  /// Reads one column as a tensor of rank 1, or several as `[row, column]`.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the file.
  ///   - columns: the column names of the header, or numbers for a table without one; only `*` gives
  ///     all columns as `[row, column]`.
  ///   - name: the name of the file in errors.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(
    _ bytes: [UInt8], columns: [String], name: String
  ) throws(LossError) -> AnyTensor {
    let table = try CSVTable(bytes, name: name)
    return try table.tensor(columns)
  }

  /// Reads columns of a file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String, columns: [String]) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), columns: columns, name: path)
  }

  /// The column names of a selection such as `prediction,"a, b"`: separated by commas, and quoted if
  /// they contain one.
  static func columns(of selection: String, name: String) throws(LossError) -> [String] {
    var scanner = CSVScanner(Array(selection.utf8), separator: UInt8(ascii: ","))
    guard !selection.isEmpty, let columns = try scanner.record(name) else { return [""] }
    return columns
  }
}

/// The first line of a table, and the position of its data.
private struct CSVTable {
  let name: String
  /// The column names; nil for a table without a header.
  let header: [String]?
  let width: Int
  /// The scanner at the first row of numbers.
  private let rows: CSVScanner

  init(_ bytes: [UInt8], name: String) throws(LossError) {
    self.name = name
    try Self.checkEncoding(bytes, name)
    let separator = CSVScanner.separator(of: bytes)
    let start = CSVScanner(bytes, separator: separator)
    var scanner = start
    guard let first = try scanner.record(name) else {
      throw .unreadable(name, "is empty", expected: "a header and rows of numbers")
    }
    width = first.count
    guard first.allSatisfy({ JSONNumber(field: $0) != nil }) else {
      header = first
      rows = scanner
      return
    }
    // pandas writes such a header for an array without column names.
    guard width < 2 || first != (0..<width).map(String.init) else {
      throw .unreadable(
        name, "begins with 0 to \(width - 1), which are column numbers or a row of numbers",
        expected: "a header with names, or none",
        hint: "pandas writes no header with header=False.")
    }
    header = nil
    rows = start
  }

  private static func checkEncoding(_ bytes: [UInt8], _ name: String) throws(LossError) {
    let isUTF16 =
      bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
      || bytes.prefix(64).contains(0)
    guard !isUTF16 else {
      throw .unreadable(
        name, "is UTF-16 text", expected: "UTF-8",
        hint: "In Excel, save as \"CSV UTF-8\"; in PowerShell, use -Encoding utf8.")
    }
    guard !bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) else {
      throw .unreadable(
        name, "is a workbook or zip archive", expected: "text",
        hint: "In Excel, save as \"CSV UTF-8\".")
    }
  }

  /// The chosen columns.
  func tensor(_ columns: [String]) throws(LossError) -> AnyTensor {
    let isWhole = columns == ["*"]
    let indices: [Int]
    if isWhole {
      try checkNames()
      indices = Array(0..<width)
    } else {
      indices = try columns.map { (column) throws(LossError) in try index(of: column) }
    }
    var numbers: [JSONNumber] = []
    var rowCount = 0
    var scanner = rows
    while let record = try scanner.record(name) {
      guard record.count == width else {
        throw .unreadable(
          name, "has \(record.count) fields in line \(scanner.line)",
          expected: "\(width), as in the \(header == nil ? "first line" : "header")")
      }
      for index in indices {
        guard let number = JSONNumber(field: record[index]) else {
          throw unreadable(record[index], column: index, line: scanner.line)
        }
        numbers.append(number)
      }
      rowCount += 1
    }
    let extents = indices.count == 1 && !isWhole ? [rowCount] : [rowCount, indices.count]
    return try JSONNumbers(extents: extents, numbers: numbers).tensor(name: name)
  }

  private func index(of column: String) throws(LossError) -> Int {
    guard let header else {
      guard let index = Int(column), (0..<width).contains(index) else {
        throw .unreadable(
          name, "has no header, so no column \(LossError.quotation(column.utf8))",
          expected: "* for all columns, or "
            + (width == 1 ? "0" : "a number from 0 to \(width - 1)"))
      }
      return index
    }
    let matches = header.indices.filter { header[$0] == column }
    guard let index = matches.first else {
      let hasCommas = header.contains { $0.contains(",") && $0.contains(column) }
      throw .unreadable(
        name, "has no column \(LossError.quotation(column.utf8))",
        expected: "one of " + LossError.excerpt(header.joined(separator: ", "), limit: 200),
        hint: hasCommas && !column.isEmpty
          ? "A column name that contains a comma is written in double quotes." : "")
    }
    guard matches.count == 1 else {
      throw .unreadable(
        name, "has \(matches.count) columns \(LossError.quotation(column.utf8))",
        expected: "one column of that name")
    }
    return index
  }

  /// Row names, as pandas and R write them, are not data.
  private func checkNames() throws(LossError) {
    guard header?.contains("") == true else { return }
    throw .unreadable(
      name, "has a column without a name", expected: "a name for each column of *",
      hint: "pandas writes no row names with index=False, R with row.names=FALSE.")
  }

  private func unreadable(_ field: String, column: Int, line: Int) -> LossError {
    let isMissing = ["", "NA", "<NA>", "N/A", "NULL", "null", "None"].contains(field)
    let isDecimalComma = JSONNumber(field: field.replacing(",", with: ".")) != nil
    return .unreadable(
      name,
      "has \(LossError.quotation(field.utf8)) in line \(line)"
        + " of column \(header.map { LossError.excerpt($0[column]) } ?? String(column))",
      expected: "a number",
      hint: isMissing
        ? "A missing number is written as nan."
        : isDecimalComma ? "Decimals are written with a point." : "")
  }
}

/// Scans the records of a table.
private struct CSVScanner {
  private let separator: UInt8
  private var remaining: ArraySlice<UInt8>
  private var nextLine = 1
  /// The line on which the last record begins, counted from 1.
  private(set) var line = 0

  init(_ bytes: [UInt8], separator: UInt8) {
    self.separator = separator
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    remaining = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
  }

  /// The separator that splits the first two lines into equally many fields, preferably numbers;
  /// without such a one, a comma.
  static func separator(of bytes: [UInt8]) -> UInt8 {
    var best = (separator: UInt8(ascii: ","), score: 0)
    for separator in ",;\t".utf8 {
      var scanner = CSVScanner(bytes, separator: separator)
      guard let first = try? scanner.record(""), first.count > 1 else { continue }
      let second = (try? scanner.record("")) ?? first
      let isEven = first.count == second.count
      let score = isEven ? second.contains { JSONNumber(field: $0) != nil } ? 3 : 2 : 1
      if score > best.score { best = (separator, score) }
    }
    return best.separator
  }

  /// The fields of the next nonempty line; nil at the end.
  mutating func record(_ name: String) throws(LossError) -> [String]? {
    while takeLineEnd() {}
    guard !remaining.isEmpty else { return nil }
    line = nextLine
    var fields = [try field(name)]
    while remaining.first == separator {
      remaining.removeFirst()
      fields.append(try field(name))
    }
    return fields
  }

  private mutating func field(_ name: String) throws(LossError) -> String {
    guard remaining.first == Self.quote else { return plainText() }
    var text: [UInt8] = []
    remaining.removeFirst()
    while let byte = remaining.popFirst() {
      if byte == Self.quote {
        guard remaining.first == Self.quote else {
          let rest = plainText()
          guard rest.isEmpty else {
            throw .unreadable(
              name, "has \(LossError.quotation(rest.utf8)) after a quote in line \(line)",
              expected: "a separator")
          }
          return String(decoding: text, as: UTF8.self)
        }
        remaining.removeFirst()
      }
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      text.append(byte)
    }
    throw .unreadable(name, "has an unterminated quote in line \(line)")
  }

  /// The text up to the next separator or line end, without surrounding spaces.
  private mutating func plainText() -> String {
    let end =
      remaining.firstIndex { $0 == separator || "\n\r".utf8.contains($0) } ?? remaining.endIndex
    defer { remaining = remaining[end...] }
    let text = String(decoding: remaining[..<end], as: UTF8.self)
    return text.split(separator: " ").joined(separator: " ")
  }

  private mutating func takeLineEnd() -> Bool {
    guard let byte = remaining.first, "\n\r".utf8.contains(byte) else { return false }
    remaining.removeFirst()
    if byte == UInt8(ascii: "\n") { nextLine += 1 }
    return true
  }

  private static let quote = UInt8(ascii: "\"")
}

extension JSONNumber {
  /// Parses a field of a table, where booleans may be written as in Python and R; nil if it is
  /// neither a number nor a boolean.
  fileprivate init?(field: String) {
    switch field {
    case "True", "TRUE": self.init(word: "true")
    case "False", "FALSE": self.init(word: "false")
    default: self.init(word: field)
    }
  }
}
