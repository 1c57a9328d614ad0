public import LossCore

/// The angle between two vectors, however long or short they are.
@usableFromInline struct Angle<S: LossScalar> {
  /// The cosine; 0 beside a zero vector.
  @usableFromInline let cosine: Double
  /// |x|² and |y|², of the scaled vectors; both infinite beside a zero vector, so that what is divided
  /// by them is 0.
  @usableFromInline let squares: (first: Double, second: Double)
  /// |x| |y|, of the scaled vectors.
  @usableFromInline let lengths: Double
  /// What the vectors are multiplied by.
  @usableFromInline let scales: (first: Double, second: Double)

  @inlinable
  init(_ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int) {
    let products = RowMath.products(first, second, count: count)
    let isZero = products.first == 0 || products.second == 0
    squares = isZero ? (.infinity, .infinity) : (products.first, products.second)
    lengths = (squares.first * squares.second).squareRoot()
    cosine = isZero ? 0 : products.dot / lengths
    scales = products.scales
  }

  /// The derivatives of the cosine by an element of each vector, times `scale`:
  /// `(y / |y| - cos x / |x|) / |x|` by one of the first.
  @inlinable @inline(__always)
  func slopes(_ x: S, _ y: S, times scale: S) -> (S, S) {
    let (x, y, scale) = (Double(x), Double(y), Double(scale))
    let towards = (first: scales.second / lengths, second: scales.first / lengths)
    let back = (
      first: cosine / squares.first * scales.first, second: cosine / squares.second * scales.second
    )
    let first = towards.first * y - back.first * x
    let second = towards.second * x - back.second * y
    return (S(scale * scales.first * first), S(scale * scales.second * second))
  }
}
