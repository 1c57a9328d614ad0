public import LossTensors

/// Columns of a text table with a header: comma-separated values, as RFC 4180 has them.
///
/// A field may stand in quotes, with a quote inside doubled; lines end in LF or CRLF. The kind of
/// element follows from how the numbers of all chosen columns are written, as in `TensorJSON`:
/// whole numbers alone make `i64`.
public enum CSVFile {
  /// One column as a tensor of one axis, or several as `[row, column]`.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - columns: their names in the header.
  ///   - name: what errors call the file.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(
    _ bytes: [UInt8], columns: [String], name: String
  ) throws(LossError) -> AnyTensor {
    var scanner = CSVScanner(bytes[...])
    guard let header = try scanner.record(name) else {
      throw .unreadable(name, "is empty", expected: "a header, and numbers below it")
    }
    var places: [Int] = []
    for column in columns {
      guard let place = header.firstIndex(of: column) else {
        throw .unreadable(
          name, "has no column \(LossError.quotation(column.utf8))",
          expected: "one of " + LossError.excerpt(header.joined(separator: ", "), limit: 200))
      }
      places.append(place)
    }
    var numbers: [JSONNumber] = []
    var rowCount = 0
    while let record = try scanner.record(name) {
      guard record.count == header.count else {
        throw .unreadable(
          name, "has \(record.count) fields in line \(scanner.line)",
          expected: "\(header.count), as in its header")
      }
      for place in places {
        guard let number = JSONNumber(word: record[place]) else {
          throw .unreadable(
            name,
            "holds \(LossError.quotation(record[place].utf8)) in line \(scanner.line)"
              + " of column \(header[place])",
            expected: "a number")
        }
        numbers.append(number)
      }
      rowCount += 1
    }
    let extents = columns.count == 1 ? [rowCount] : [rowCount, columns.count]
    return try JSONNumbers(extents: extents, numbers: numbers).tensor(name: name)
  }

  /// The columns of a file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String, columns: [String]) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), columns: columns, name: path)
  }
}

/// Takes records off the front of a text table.
private struct CSVScanner {
  private var rest: ArraySlice<UInt8>
  private var nextLine = 1
  /// The line in which the last record began, the first is 1.
  private(set) var line = 0

  init(_ bytes: ArraySlice<UInt8>) {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    rest = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes
  }

  /// The fields of the next line that is not empty; nil at the end.
  mutating func record(_ name: String) throws(LossError) -> [String]? {
    while take("\n") || take("\r") {}
    guard !rest.isEmpty else { return nil }
    line = nextLine
    var fields = [try field(name)]
    while take(",") { fields.append(try field(name)) }
    return fields
  }

  private mutating func field(_ name: String) throws(LossError) -> String {
    guard rest.first == Self.quote else {
      let end = rest.firstIndex { ",\n\r".utf8.contains($0) } ?? rest.endIndex
      defer { rest = rest[end...] }
      let text = String(decoding: rest[..<end], as: UTF8.self)
      return text.split(separator: " ").joined(separator: " ")
    }
    var text: [UInt8] = []
    rest.removeFirst()
    while let byte = rest.popFirst() {
      if byte == Self.quote {
        guard rest.first == Self.quote else { return String(decoding: text, as: UTF8.self) }
        rest.removeFirst()
      }
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      text.append(byte)
    }
    throw .unreadable(name, "has a quote in line \(line) that nothing closes")
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    if character == "\n" { nextLine += 1 }
    return true
  }

  private static let quote = UInt8(ascii: "\"")
}
