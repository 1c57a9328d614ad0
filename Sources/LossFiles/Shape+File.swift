import LossTensors

extension Shape {
  /// The maximum rank of a tensor in a file, the limit of NumPy.
  static let maximumRank = 64

  /// The shape of a tensor in a file.
  ///
  /// - Throws: `LossError` of code `unreadable_file` that names the file.
  init(untrusted extents: [Int], name: String) throws(LossError) {
    guard extents.count <= Shape.maximumRank else {
      throw .unreadable(
        name, "has \(extents.count) axes", expected: "at most \(Shape.maximumRank)")
    }
    guard let shape = try? Shape(extents) else {
      throw .unreadable(
        name, "has shape \(extents)",
        expected: "nonnegative extents whose product does not overflow")
    }
    self = shape
  }
}
