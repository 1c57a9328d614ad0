import LossTensors

extension Shape {
  /// The most axes that a tensor in a file may have: as many as NumPy allows.
  static let maximumRank = 64

  /// A shape from extents that a file claims.
  ///
  /// Stricter than a shape in memory: the product without the zeros must be countable too, since
  /// strides are such products.
  init(claimed extents: [Int], by name: String) throws(LossError) {
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
        expected: "extents of zero or more whose product can be counted"
      )
    }
    self.init(trusted: extents)
  }

  /// The index, one number an axis, of the element at a position in row-major order.
  func index(at position: Int) -> [Int] {
    var rest = position
    var index: [Int] = []
    for extent in extents.reversed() where extent > 0 {
      index.append(rest % extent)
      rest /= extent
    }
    return index.reversed()
  }
}
