import LossTensors

extension Shape {
  /// The maximum rank of a tensor in a file, the limit of NumPy.
  static let maximumRank = 64

  /// A validated shape from the extents in a file.
  ///
  /// Stricter than a shape in memory: the product without the zeros must not overflow either, since
  /// strides are such products.
  init(untrusted extents: [Int], name: String) throws(LossError) {
    guard extents.count <= Shape.maximumRank else {
      throw .unreadable(
        name,
        "has \(extents.count) axes",
        expected: "at most \(Shape.maximumRank)"
      )
    }
    guard extents.allSatisfy({ $0 >= 0 }), (try? Shape(extents.map { Swift.max(1, $0) })) != nil
    else {
      throw .unreadable(
        name,
        "has shape \(extents)",
        expected: "nonnegative extents whose product does not overflow"
      )
    }
    self.init(trusted: extents)
  }
}
