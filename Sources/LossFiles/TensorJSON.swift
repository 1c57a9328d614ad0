public import LossTensors

/// Tensors as JSON.
///
/// Two notations are supported. The fixture notation is complete, with the elements in row-major order:
///
///     {"element": "f64", "shape": [3], "data": [1.1, "nan", -0.0]}
///
/// Without `element` the type is `bool` if `data` has only booleans, and `f64` otherwise. The nested
/// notation is nested lists, or a bare number, whose element type follows from the notation of the
/// numbers:
///
///     [[1, 2], [3, 4]]       only integers, without point or exponent: i64
///     [1.0, 2, -inf, nan]    at least one other number:                f64
///     [true, false]          only booleans:                            bool
///
/// The reader also accepts `nan`, `inf` and `-inf` with or without quotes, also in Python notation
/// (`NaN`, `Infinity`), and `.5`, `5.` and `+5`. The writer produces strict JSON.
public enum TensorJSON {
  /// Reads the tensor of a text.
  ///
  /// - Parameters:
  ///   - text: the fixture or the nested notation.
  ///   - name: the name of the text in errors.
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(_ text: String, name: String) throws(LossError) -> AnyTensor {
    try read(Array(text.utf8), name: name)
  }

  /// Reads the tensor of a `.json` file.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  public static func read(path: String) throws(LossError) -> AnyTensor {
    try read(FileBytes.read(path: path), name: path)
  }

  private static func read(_ bytes: [UInt8], name: String) throws(LossError) -> AnyTensor {
    var reader = JSONTensorReader(bytes, name: name)
    return try reader.tensor()
  }

  /// The fixture notation, which preserves every bit except NaN payloads.
  public static func fixture(_ tensor: AnyTensor) -> String {
    let data = numbers(tensor).joined(separator: ", ")
    return """
      {"element": "\(tensor.element.rawValue)", "shape": \(tensor.shape), "data": [\(data)]}
      """
  }

  /// The nested notation: a bare number, or nested lists.
  ///
  /// It does not distinguish `f32` from `f64`. Every tensor without elements is `[]`, since nested lists
  /// cannot express all empty shapes.
  public static func nested(_ tensor: AnyTensor) -> String {
    let numbers = numbers(tensor)
    guard !numbers.isEmpty else { return "[]" }
    // The number of elements in one list of each axis.
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

  /// Writes the fixture notation to a file.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  public static func write(_ tensor: AnyTensor, to path: String) throws(LossError) {
    try FileBytes.write(Array((fixture(tensor) + "\n").utf8), to: path)
  }

  /// The elements with the fewest digits that round-trip.
  private static func numbers(_ tensor: AnyTensor) -> [String] {
    switch tensor.widened {
    case .float32(let tensor): tensor.scalars.map(JSONNotation.number)
    case .float64(let tensor): tensor.scalars.map(JSONNotation.number)
    case .int64(let tensor): tensor.scalars.map(String.init)
    case .bool(let tensor): tensor.scalars.map(String.init)
    case .narrow: []
    }
  }
}
