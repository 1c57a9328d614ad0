public import LossCore

/// The angle between two vectors, however long or short they are.
@usableFromInline struct Angle<S: LossScalar> {
  @usableFromInline let first: UnsafePointer<S>
  @usableFromInline let second: UnsafePointer<S>
  @usableFromInline let count: Int
  @usableFromInline let products: RowProducts
  /// The cosine; 0 beside a zero vector.
  @usableFromInline let cosine: Double

  @inlinable
  init(_ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int) {
    self.first = first
    self.second = second
    self.count = count
    products = RowMath.products(first, second, count: count)
    let lengths = products.first.squareRoot() * products.second.squareRoot()
    cosine = products.first == 0 || products.second == 0 ? 0 : products.dot / lengths
  }

  /// Adds the gradients of the cosine, times `scale`, where they are wanted.
  @inlinable
  func addGradients(
    _ left: UnsafeMutablePointer<S>?, _ right: UnsafeMutablePointer<S>?, scale: S
  ) {
    let units = products.units
    if let left { add(left, first, second, products.first, (units.first, units.second), scale) }
    if let right {
      add(right, second, first, products.second, (units.second, units.first), scale)
    }
  }

  @inlinable
  func add(
    _ gradient: UnsafeMutablePointer<S>, _ own: UnsafePointer<S>, _ other: UnsafePointer<S>,
    _ square: Double, _ units: (Double, Double), _ scale: S
  ) {
    guard scale != 0, products.first != 0, products.second != 0 else { return }
    let lengths = products.first.squareRoot() * products.second.squareRoot()
    if units == (1, 1) {
      let towards = Double(scale) / lengths
      let back = Double(scale) * cosine / square
      for i in 0..<count {
        gradient[i] += S(towards * Double(other[i]) - back * Double(own[i]))
      }
      return
    }
    for i in 0..<count {
      let turn = Double(other[i]) / units.1 / lengths - cosine / square * (Double(own[i]) / units.0)
      gradient[i] += S(Double(scale) * turn / units.0)
    }
  }
}
