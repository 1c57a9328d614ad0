public import LossTensors

/// Tensors in the file format of Hugging Face, `.safetensors`.
///
/// Reads the types F16, BF16, F32, F64, I8 to I64, U8 to U32 and BOOL, and U64 whose numbers fit into
/// `Int`; a file may have tensors of other types beside them. A file is refused as a whole unless its
/// tensors fill it without gaps, and no two have the same name.
public enum SafetensorsFile {
  /// Reads a tensor of a file.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the file.
  ///   - tensor: the name of the tensor; nil for the only one.
  ///   - name: the name of the file in errors.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(
    _ bytes: [UInt8], tensor: String?, name: String
  ) throws(LossError) -> AnyTensor {
    let length = try SafetensorsHeader.length(
      bytes.prefix(SafetensorsHeader.lengthSize), fileSize: bytes.count, name: name)
    let start = SafetensorsHeader.lengthSize + length
    let header = try SafetensorsHeader(
      Array(bytes[SafetensorsHeader.lengthSize..<start]), dataSize: bytes.count - start, name: name)
    let entry = try header.entry(named: tensor, name: name)
    let data = bytes[start + entry.offsets.lowerBound..<start + entry.offsets.upperBound]
    let title = "\(name):\(entry.tensor)"
    return try NumPyData(
      bytes: data,
      header: NumPyHeader(
        type: entry.type(name: title), isFortranOrder: false, shape: entry.shape),
      name: title
    ).tensor()
  }

  /// Reads a tensor of a file; the other tensors are not read.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String, tensor: String?) throws(LossError) -> AnyTensor {
    let reader = try TensorReader(safetensors: path, tensor: tensor)
    return try reader.read(reader.shape)
  }

  /// The bytes of a file with these tensors, as the reference implementation writes them.
  ///
  /// - Throws: `LossError` of code `unreadable_file` for a name that is given twice or reserved, and
  ///   `invalid_rank` for a tensor of more than 64 axes.
  public static func write(
    _ tensors: [(name: String, tensor: AnyTensor)]
  ) throws(LossError) -> [UInt8] {
    let layout = try SafetensorsLayout(
      tensors.map { ($0.name, $0.tensor.shape, $0.tensor.element) }, name: "the file")
    return layout.header + layout.order.flatMap { NumPyFile.encoded(tensors[$0].tensor) }
  }
}

/// The header of a file to write, and the places of its tensors.
struct SafetensorsLayout {
  /// The length and the text of the header.
  let header: [UInt8]
  /// The order of the tensors in the file: by element type, so that all are aligned, then by name.
  let order: [Int]
  /// The position of each tensor in the file.
  let offsets: [Int]

  init(
    _ tensors: [(name: String, shape: Shape, element: ElementType)], name: String
  ) throws(LossError) {
    var names: Set<[UInt8]> = []
    for tensor in tensors {
      try tensor.shape.requireWritable()
      let title = LossError.quotation(tensor.name.utf8)
      guard tensor.name != SafetensorsHeader.metadataKey else {
        throw .unreadable(name, "has a tensor \(title)", expected: "a name that is not reserved")
      }
      guard names.insert(Array(tensor.name.utf8)).inserted else {
        throw .unreadable(name, "has two tensors \(title)", expected: "names that differ")
      }
    }
    let types = tensors.map { NumPyType.dtypeIndex($0.element) }
    order = tensors.indices.sorted {
      types[$0] == types[$1]
        ? tensors[$0].name.utf8.lexicographicallyPrecedes(tensors[$1].name.utf8)
        : types[$0] < types[$1]
    }
    var positions = Array(repeating: 0, count: tensors.count)
    var items: [String] = []
    var end = 0
    for index in order {
      let (name, shape, element) = tensors[index]
      let (size, overflows) = shape.count.multipliedReportingOverflow(by: element.size)
      let (next, overflowsAlso) = end.addingReportingOverflow(size)
      guard !overflows, !overflowsAlso else {
        throw .unreadable(name, "is too large", expected: "fewer than \(Int.max) bytes")
      }
      let extents = shape.extents.map(String.init).joined(separator: ",")
      items.append(
        "\(JSONNotation.quoted(name)):{\"dtype\":\"\(NumPyType.dtypes[types[index]].name)\","
          + "\"shape\":[\(extents)],\"data_offsets\":[\(end),\(next)]}")
      positions[index] = end
      end = next
    }
    var text = Array("{\(items.joined(separator: ","))}".utf8)
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    guard text.count <= SafetensorsHeader.maximumLength else {
      throw .unreadable(
        name, "has a header of \(text.count) bytes",
        expected: "at most \(SafetensorsHeader.maximumLength)")
    }
    header = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    let start = header.count
    offsets = positions.map { start + $0 }
  }
}
