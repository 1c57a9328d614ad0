import LossTensors

/// Reads the text of a `.npy` header: one Python dict with three keys.
///
/// Of Python's literals it knows only what the three keys can hold, so nothing here is recursive.
struct NumPyHeaderParser {
  private var rest: ArraySlice<UInt8>
  private let name: String

  init(_ text: ArraySlice<UInt8>, name: String) {
    rest = text
    self.name = name
  }

  mutating func header() throws(LossError) -> NumPyHeader {
    var type: NumPyType?
    var isFortranOrder: Bool?
    var shape: Shape?
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try elementType()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try flag()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw .unreadable(
          name,
          "has a header with an unknown or repeated key, \(LossError.quotation(key.utf8))",
          expected: NumPyHeaderParser.keys
        )
      }
      if take(",") { continue }
      try expect("}")
      break
    }
    skipSpace()
    guard rest.isEmpty else { throw malformed }
    guard let type else { throw missing("descr") }
    guard let isFortranOrder else { throw missing("fortran_order") }
    guard let shape else { throw missing("shape") }
    return NumPyHeader(type: type, isFortranOrder: isFortranOrder, shape: shape)
  }

  // MARK: - Values

  private mutating func elementType() throws(LossError) -> NumPyType {
    if next == "[" || next == "(" {
      throw .unreadable(
        name,
        "holds records, elements of several fields",
        expected: "elements of one number: " + NumPyType.readable
      )
    }
    let text = try string()
    guard let type = NumPyType(text) else {
      throw .unreadable(
        name,
        "holds elements of type \(LossError.quotation(text.utf8))",
        expected: NumPyType.readable
      )
    }
    return type
  }

  private mutating func flag() throws(LossError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
      rest.removeFirst(word.utf8.count)
      return value
    }
    throw malformed
  }

  private mutating func tuple() throws(LossError) -> Shape {
    var extents: [Int] = []
    try expect("(")
    while !take(")") {
      extents.append(try extent())
      if take(",") { continue }
      // In Python `(3)` is a number; only `(3,)` is a tuple.
      guard extents.count > 1 else { throw malformed }
      try expect(")")
      break
    }
    return try Shape(claimed: extents, by: name)
  }

  private mutating func extent() throws(LossError) -> Int {
    skipSpace()
    let digits = rest.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    guard !digits.isEmpty else { throw malformed }
    rest = rest.dropFirst(digits.count)
    let text = String(decoding: digits, as: UTF8.self)
    guard let extent = Int(text), extent >= 0 else {
      throw .unreadable(
        name,
        "has the extent \(LossError.excerpt(text))",
        expected: "extents of zero or more that can be counted"
      )
    }
    return extent
  }

  private mutating func string() throws(LossError) -> String {
    skipSpace()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw malformed
    }
    let text = rest.dropFirst().prefix { $0 != quote }
    guard text.endIndex < rest.endIndex else { throw malformed }
    rest = rest[text.endIndex...].dropFirst()
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: - Marks

  /// The next byte that is no space.
  private var next: Unicode.Scalar? {
    mutating get {
      skipSpace()
      return rest.first.map { Unicode.Scalar($0) }
    }
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard next == mark else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(LossError) {
    guard take(mark) else { throw malformed }
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
  }

  // MARK: - Errors

  private static let keys = "the keys 'descr', 'fortran_order' and 'shape', each once"

  private var malformed: LossError {
    .unreadable(
      name,
      "has a header that is not the Python dict of an array",
      expected: "one such as {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}"
    )
  }

  private func missing(_ key: String) -> LossError {
    .unreadable(name, "has a header without '\(key)'", expected: NumPyHeaderParser.keys)
  }
}
