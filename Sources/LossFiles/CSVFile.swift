public import LossTensors

/// Columns of a comma-separated table with a header (RFC 4180).
///
/// A field may be quoted, with inner quotes doubled; lines end in LF or CRLF. The element type follows
/// from the notation of all chosen columns, as in `TensorJSON`: only integers give `i64`.
public enum CSVFile {
  /// Reads one column as a tensor of rank 1, or several as `[row, column]`.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the file.
  ///   - columns: the column names of the header.
  ///   - name: the name of the file in errors.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(
    _ bytes: [UInt8], columns: [String], name: String
  ) throws(LossError) -> AnyTensor {
    var scanner = CSVScanner(bytes[...])
    guard let header = try scanner.record(name) else {
      throw .unreadable(name, "is empty", expected: "a header and rows of numbers")
    }
    var indices: [Int] = []
    for column in columns {
      guard let index = header.firstIndex(of: column) else {
        throw .unreadable(
          name, "has no column \(LossError.quotation(column.utf8))",
          expected: "one of " + LossError.excerpt(header.joined(separator: ", "), limit: 200))
      }
      indices.append(index)
    }
    var numbers: [JSONNumber] = []
    var rowCount = 0
    while let record = try scanner.record(name) {
      guard record.count == header.count else {
        throw .unreadable(
          name, "has \(record.count) fields in line \(scanner.line)",
          expected: "\(header.count), as in the header")
      }
      for index in indices {
        guard let number = JSONNumber(word: record[index]) else {
          throw .unreadable(
            name,
            "has \(LossError.quotation(record[index].utf8)) in line \(scanner.line)"
              + " of column \(header[index])",
            expected: "a number")
        }
        numbers.append(number)
      }
      rowCount += 1
    }
    let extents = columns.count == 1 ? [rowCount] : [rowCount, columns.count]
    return try JSONNumbers(extents: extents, numbers: numbers).tensor(name: name)
  }

  /// Reads columns of a file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String, columns: [String]) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), columns: columns, name: path)
  }
}

/// Scans the records of a table.
private struct CSVScanner {
  private var remaining: ArraySlice<UInt8>
  private var nextLine = 1
  /// The line on which the last record begins, counted from 1.
  private(set) var line = 0

  init(_ bytes: ArraySlice<UInt8>) {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    remaining = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes
  }

  /// The fields of the next nonempty line; nil at the end.
  mutating func record(_ name: String) throws(LossError) -> [String]? {
    while take("\n") || take("\r") {}
    guard !remaining.isEmpty else { return nil }
    line = nextLine
    var fields = [try field(name)]
    while take(",") { fields.append(try field(name)) }
    return fields
  }

  private mutating func field(_ name: String) throws(LossError) -> String {
    guard remaining.first == Self.quote else {
      let end = remaining.firstIndex { ",\n\r".utf8.contains($0) } ?? remaining.endIndex
      defer { remaining = remaining[end...] }
      let text = String(decoding: remaining[..<end], as: UTF8.self)
      return text.split(separator: " ").joined(separator: " ")
    }
    var text: [UInt8] = []
    remaining.removeFirst()
    while let byte = remaining.popFirst() {
      if byte == Self.quote {
        guard remaining.first == Self.quote else { return String(decoding: text, as: UTF8.self) }
        remaining.removeFirst()
      }
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      text.append(byte)
    }
    throw .unreadable(name, "has an unterminated quote in line \(line)")
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard remaining.first == UInt8(ascii: character) else { return false }
    remaining.removeFirst()
    if character == "\n" { nextLine += 1 }
    return true
  }

  private static let quote = UInt8(ascii: "\"")
}
