import LossTensors

/// A tensor in a safetensors file.
struct SafetensorsEntry: Equatable {
  let tensor: String
  /// The element type in the notation of the format, such as `BF16`.
  let dtype: String
  let shape: Shape
  /// The position of the data in bytes, counted from the end of the header.
  let offsets: Range<Int>
}

/// The header of a safetensors file: a length of 8 bytes, then a JSON object with one key per tensor.
///
/// The format: https://huggingface.co/docs/safetensors. Tensors fill the rest of the file without
/// gaps; a file that says otherwise is refused as a whole, as the reference implementation does.
struct SafetensorsHeader {
  /// The tensors in the order of their data.
  let entries: [SafetensorsEntry]

  /// The limit of the reference implementation.
  static let maximumLength = 100_000_000
  static let lengthSize = 8
  /// The key for text about the file.
  static let metadataKey = "__metadata__"

  /// The length of the text of the header.
  ///
  /// - Parameters:
  ///   - front: the first bytes of the file, 8 if it has as many.
  ///   - fileSize: the number of bytes of the whole file.
  static func length(
    _ front: some Collection<UInt8>, fileSize: Int, name: String
  ) throws(LossError) -> Int {
    guard front.count >= lengthSize else {
      throw .unreadable(
        name, "has \(front.count) bytes", expected: "a header length of \(lengthSize) bytes")
    }
    let bytes = Array(front.prefix(lengthSize))
    let length = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumLength) else {
      throw .unreadable(
        name, "has a header of \(length) bytes", expected: "at most \(maximumLength)")
    }
    guard length <= UInt64(max(0, fileSize - lengthSize)) else {
      throw .unreadable(
        name, "has a header of \(length) bytes",
        expected: "at most \(fileSize - lengthSize), the rest of the file")
    }
    return Int(length)
  }

  /// Parses the text of a header.
  ///
  /// - Parameters:
  ///   - text: the bytes between the length and the data.
  ///   - dataSize: the number of bytes after the header.
  init(_ text: [UInt8], dataSize: Int, name: String) throws(LossError) {
    guard text.first == UInt8(ascii: "{") else {
      throw .unreadable(name, "has a header that does not begin with \"{\"")
    }
    // Replaced bytes could make two names equal.
    guard String(validating: text, as: UTF8.self) != nil else {
      throw .unreadable(name, "has a header that is not UTF-8")
    }
    var parser = SafetensorsParser(text, name: name)
    let entries = try parser.entries().sorted {
      ($0.offsets.lowerBound, $0.offsets.upperBound) < (
        $1.offsets.lowerBound, $1.offsets.upperBound
      )
    }
    var end = 0
    for entry in entries {
      try entry.check(after: end, name: name)
      end = entry.offsets.upperBound
    }
    guard end == dataSize else {
      throw .unreadable(
        name, "has \(dataSize) bytes of data", expected: "\(end), the end of the last tensor")
    }
    self.entries = entries
  }

  /// The tensor with a name; without a name, the only one.
  func entry(named tensor: String?, name: String) throws(LossError) -> SafetensorsEntry {
    let names = entries.prefix(100).map(\.tensor).joined(separator: ", ")
    let list = LossError.excerpt(names, limit: 200)
    guard let tensor else {
      guard entries.count == 1 else {
        throw .unreadable(
          name, "has \(entries.count) tensors",
          expected: entries.isEmpty ? "at least one" : "\(name):NAME with one of \(list)")
      }
      return entries[0]
    }
    // Equal strings may have different bytes: é is one character, or e and an accent.
    guard let entry = entries.first(where: { $0.tensor.utf8.elementsEqual(tensor.utf8) }) else {
      throw .unreadable(
        name, "has no tensor \(LossError.quotation(tensor.utf8))",
        expected: entries.isEmpty ? "at least one tensor" : "one of \(list)")
    }
    return entry
  }
}

extension SafetensorsEntry {
  /// The type of the elements.
  func type(name: String) throws(LossError) -> NumPyType {
    guard let type = NumPyType(dtype: dtype) else {
      throw .unreadable(
        name, "has elements of \(LossError.quotation(dtype.utf8))",
        expected: "one of " + NumPyType.dtypes.map(\.name).joined(separator: ", "))
    }
    return type
  }

  /// Checks the position of the data, which must begin where the tensor before ends, and their size.
  fileprivate func check(after end: Int, name: String) throws(LossError) {
    let title = LossError.quotation(tensor.utf8)
    guard offsets.lowerBound == end else {
      let problem = offsets.lowerBound < end ? "overlaps another" : "follows unused bytes"
      throw .unreadable(
        name, "has a tensor \(title) at byte \(offsets.lowerBound) that \(problem)",
        expected: "byte \(end)")
    }
    // Only types that are never read have no size here.
    guard let type = NumPyType(dtype: dtype) else { return }
    let (needed, overflows) = shape.count.multipliedReportingOverflow(by: type.kind.size)
    guard !overflows, offsets.count == needed else {
      throw .unreadable(
        name, "has \(offsets.count) bytes of \(title)",
        expected: (overflows ? "more than fit into memory" : "\(needed)")
          + ", for shape \(shape) of \(dtype)")
    }
  }
}

extension NumPyType {
  /// The types in the notation of safetensors, in the order in which files hold them: the data of
  /// each are then aligned.
  static let dtypes: [(name: String, kind: Kind)] = [
    ("U64", .u8), ("I64", .i8), ("F64", .f8), ("F32", .f4), ("U32", .u4), ("I32", .i4),
    ("BF16", .v2), ("F16", .f2), ("U16", .u2), ("I16", .i2), ("I8", .i1), ("U8", .u1),
    ("BOOL", .b1),
  ]

  /// Parses a type of a safetensors file; nil if it is not supported.
  init?(dtype: String) {
    guard let type = Self.dtypes.first(where: { $0.name == dtype }) else { return nil }
    self.init(type.kind)
  }

  /// The position in `dtypes` of the type in which an element type is written.
  static func dtypeIndex(_ element: ElementType) -> Int {
    let kind = NumPyType(element).kind
    return dtypes.firstIndex { $0.kind == kind } ?? 0
  }
}

/// Parses the text of a header.
private struct SafetensorsParser {
  private var scanner: JSONScanner
  private let name: String

  init(_ text: [UInt8], name: String) {
    scanner = JSONScanner(text, name: "the header of \(name)")
    self.name = name
  }

  mutating func entries() throws(LossError) -> [SafetensorsEntry] {
    var entries: [SafetensorsEntry] = []
    var keys: Set<[UInt8]> = []
    while let key = try scanner.key(after: &keys) {
      if key == SafetensorsHeader.metadataKey {
        try skipMetadata()
      } else {
        entries.append(try entry(key))
      }
    }
    try scanner.expectEnd()
    return entries
  }

  private mutating func entry(_ tensor: String) throws(LossError) -> SafetensorsEntry {
    let title = LossError.quotation(tensor.utf8)
    var dtype: String?
    var extents: [Int]?
    var offsets: [Int]?
    var keys: Set<[UInt8]> = []
    while let key = try scanner.key(after: &keys) {
      switch key {
      case "dtype": dtype = try scanner.string()
      case "shape": extents = try integers()
      case "data_offsets": offsets = try integers()
      default:
        throw .unreadable(
          name, "has an unknown key \(LossError.quotation(key.utf8)) in \(title)",
          expected: Self.keys)
      }
    }
    guard let dtype, let extents, let offsets else {
      let missing = dtype == nil ? "dtype" : extents == nil ? "shape" : "data_offsets"
      throw .unreadable(name, "has no \"\(missing)\" in \(title)", expected: Self.keys)
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw .unreadable(
        name, "has data_offsets \(LossError.excerpt("\(offsets)")) in \(title)",
        expected: "the first byte and the end")
    }
    return SafetensorsEntry(
      tensor: tensor, dtype: dtype,
      shape: try Shape(untrusted: extents, name: "\(name):\(LossError.excerpt(tensor))"),
      offsets: offsets[0]..<offsets[1])
  }

  private static let keys = "\"dtype\", \"shape\" and \"data_offsets\""

  private mutating func skipMetadata() throws(LossError) {
    var keys: Set<[UInt8]> = []
    while try scanner.key(after: &keys) != nil { _ = try scanner.string() }
  }

  private mutating func integers() throws(LossError) -> [Int] {
    var integers: [Int] = []
    try scanner.expect("[")
    while integers.isEmpty ? !scanner.take("]") : try scanner.takeComma(orEnd: "]") {
      let start = scanner
      let word = scanner.word()
      let isNumber =
        word.utf8.allSatisfy { (0x30...0x39).contains($0) }
        && (word.utf8.first != UInt8(ascii: "0") || word.utf8.count == 1)
      guard isNumber, let integer = Int(word) else {
        throw start.unexpected("an integer from 0 to \(Int.max)")
      }
      integers.append(integer)
    }
    return integers
  }
}
