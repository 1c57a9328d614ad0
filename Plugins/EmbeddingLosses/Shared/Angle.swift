public import LossCore

/// The angle between two vectors, however long or short they are.
@usableFromInline struct Angle<S: LossScalar> {
  /// The cosine; 0 beside a zero vector.
  @usableFromInline let cosine: Double
  /// 1 / (|x| |y|), of the scaled vectors; 0 beside a zero vector.
  @usableFromInline let towards: Double
  /// cos / |x|² and cos / |y|², of the scaled vectors; 0 beside a zero vector.
  @usableFromInline let back: (first: Double, second: Double)
  @usableFromInline let scales: (first: Double, second: Double)

  @inlinable
  init(_ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int) {
    let products = RowMath.products(first, second, count: count)
    let lengths = products.first.squareRoot() * products.second.squareRoot()
    let isZero = products.first == 0 || products.second == 0
    cosine = isZero ? 0 : products.dot / lengths
    towards = isZero ? 0 : 1 / lengths
    back = isZero ? (0, 0) : (cosine / products.first, cosine / products.second)
    scales = products.scales
  }

  /// The derivatives of the cosine by an element of each vector, times `scale`.
  @inlinable @inline(__always)
  func slopes(_ x: S, _ y: S, times scale: S) -> (S, S) {
    let (x, y) = (Double(x) * scales.first, Double(y) * scales.second)
    let first = (towards * y - back.first * x) * scales.first
    let second = (towards * x - back.second * y) * scales.second
    return (S(Double(scale) * first), S(Double(scale) * second))
  }
}
