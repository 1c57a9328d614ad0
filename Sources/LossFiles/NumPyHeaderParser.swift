import LossTensors

/// Parses the text of a `.npy` header: a Python dict with three keys.
///
/// Only the literals that these keys can have are supported, so that no recursion is needed.
struct NumPyHeaderParser {
  private var remaining: ArraySlice<UInt8>
  private let name: String

  init(_ text: ArraySlice<UInt8>, name: String) {
    remaining = text
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
    guard remaining.isEmpty else { throw malformed }
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
        "has a structured element type",
        expected: "a numeric element type: " + NumPyType.readable
      )
    }
    let text = try string()
    guard let type = NumPyType(text) else {
      throw .unreadable(
        name,
        "has element type \(LossError.quotation(text.utf8))",
        expected: NumPyType.readable
      )
    }
    return type
  }

  private mutating func flag() throws(LossError) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where remaining.starts(with: word.utf8)
    {
      remaining.removeFirst(word.utf8.count)
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
    return try Shape(untrusted: extents, name: name)
  }

  private mutating func extent() throws(LossError) -> Int {
    skipSpace()
    let digits = remaining.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    guard !digits.isEmpty else { throw malformed }
    remaining = remaining.dropFirst(digits.count)
    let text = String(decoding: digits, as: UTF8.self)
    guard let extent = Int(text), extent >= 0 else {
      throw .unreadable(
        name,
        "has the extent \(LossError.excerpt(text))",
        expected: "nonnegative extents"
      )
    }
    return extent
  }

  private mutating func string() throws(LossError) -> String {
    skipSpace()
    guard let quote = remaining.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else {
      throw malformed
    }
    let text = remaining.dropFirst().prefix { $0 != quote }
    guard text.endIndex < remaining.endIndex else { throw malformed }
    remaining = remaining[text.endIndex...].dropFirst()
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: - Punctuation

  /// The next nonspace byte.
  private var next: Unicode.Scalar? {
    mutating get {
      skipSpace()
      return remaining.first.map { Unicode.Scalar($0) }
    }
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard next == mark else { return false }
    remaining.removeFirst()
    return true
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(LossError) {
    guard take(mark) else { throw malformed }
  }

  private mutating func skipSpace() {
    remaining = remaining.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
  }

  // MARK: - Errors

  private static let keys = "the keys 'descr', 'fortran_order' and 'shape', each once"

  private var malformed: LossError {
    .unreadable(
      name,
      "has an invalid header",
      expected: "a Python dict such as {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}"
    )
  }

  private func missing(_ key: String) -> LossError {
    .unreadable(name, "has a header without '\(key)'", expected: NumPyHeaderParser.keys)
  }
}
