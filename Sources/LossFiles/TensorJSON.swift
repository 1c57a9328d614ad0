public import LossTensors

/// Tensors as JSON.
///
/// Two forms are read. The fixture form says everything, with the elements in row-major order:
///
///     {"element": "f64", "shape": [3], "data": [1.1, "nan", -0.0]}
///
/// Without `element` it is `bool` if `data` holds only true and false, and `f64` otherwise. The
/// nested form is lists of lists, or a bare number, whose kind of element follows from how the
/// numbers are written:
///
///     [[1, 2], [3, 4]]       whole numbers without point or exponent: i64
///     [1.0, 2, -inf, nan]    at least one that is none of these:      f64
///     [true, false]          only true and false:                     bool
///
/// A little more than JSON is read: `nan`, `inf` and `-inf` with or without quotes, also as Python
/// spells them (`NaN`, `Infinity`), and `.5`, `5.` and `+5`. What is written is strict JSON.
public enum TensorJSON {
  /// The tensor in a text.
  ///
  /// - Parameters:
  ///   - text: the fixture form or the nested form.
  ///   - name: what errors call it.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ text: String, name: String) throws(LossError) -> AnyTensor {
    try read(Array(text.utf8), name: name)
  }

  /// The tensor in a `.json` file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), name: path)
  }

  private static func read(_ bytes: [UInt8], name: String) throws(LossError) -> AnyTensor {
    var reader = JSONTensorReader(bytes, name: name)
    return try reader.tensor()
  }

  /// The fixture form: reading it gives the same tensor, bit for bit except for the bits of a NaN.
  public static func fixture(_ tensor: AnyTensor) -> String {
    let data = numbers(tensor).joined(separator: ", ")
    return """
      {"element": "\(tensor.element.rawValue)", "shape": \(tensor.shape), "data": [\(data)]}
      """
  }

  /// The nested form: a bare number, or lists of lists.
  ///
  /// It does not tell `f32` from `f64`. A tensor without elements is `[]` whatever its shape, since
  /// nested lists cannot say all such shapes.
  public static func nested(_ tensor: AnyTensor) -> String {
    let numbers = numbers(tensor)
    guard !numbers.isEmpty else { return "[]" }
    // How many elements lie in one list of each axis.
    var sizes: [Int] = []
    for extent in tensor.shape.extents.reversed() { sizes.append((sizes.last ?? 1) * extent) }
    var text = ""
    for (position, number) in numbers.enumerated() {
      if position > 0 { text += ", " }
      text += String(repeating: "[", count: sizes.count { position % $0 == 0 })
      text += number
      text += String(repeating: "]", count: sizes.count { (position + 1) % $0 == 0 })
    }
    return text
  }

  /// Writes the fixture form to a file.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  public static func write(_ tensor: AnyTensor, to path: String) throws(LossError) {
    try FileBytes.write(Array((fixture(tensor) + "\n").utf8), to: path)
  }

  /// The elements with as few digits as give the same number back.
  private static func numbers(_ tensor: AnyTensor) -> [String] {
    switch tensor {
    case .float32(let tensor): tensor.scalars.map(JSONNotation.number)
    case .float64(let tensor): tensor.scalars.map(JSONNotation.number)
    case .int64(let tensor): tensor.scalars.map(String.init)
    case .bool(let tensor): tensor.scalars.map(String.init)
    }
  }
}
