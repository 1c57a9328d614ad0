import LossCore

/// The angle between two vectors, however long or short they are.
struct Angle<S: LossScalar> {
  /// The cosine; 0 beside a zero vector.
  let cosine: Double
  /// x y, of the scaled vectors.
  let dot: Double
  /// |x|² and |y|², of the scaled vectors; both infinite beside a zero vector, so that what is divided
  /// by them is 0.
  let squares: (first: Double, second: Double)
  /// |x| |y|, of the scaled vectors.
  let lengths: Double
  /// What the vectors are multiplied by.
  let scales: (first: Double, second: Double)

  init(_ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int) {
    let products = RowMath.products(first, second, count: count)
    let isZero = products.first == 0 || products.second == 0
    squares = isZero ? (.infinity, .infinity) : (products.first, products.second)
    dot = isZero ? 0 : products.dot
    lengths = (squares.first * squares.second).squareRoot()
    cosine = dot / lengths
    scales = products.scales
  }

  /// The derivatives of the cosine by an element of each vector, times `scale`:
  /// `(y / |y| - cos x / |x|) / |x|` by one of the first.
  @inline(__always)
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S) {
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

/// The same derivatives as `a (y - c x)` and `a (x - d y)`, in `Float` alone: a third of the
/// instructions, for vectors of usual lengths.
///
/// `c` and `d` are sums of two numbers, and no product is rounded before it is subtracted, so that
/// nearly parallel vectors keep their digits. Two of `Double` would be no better than one. The scales
/// are 1, since no square of a `Float` leaves the range of `Double`.
struct FusedGradient<S: LossScalar> {
  let factor: S
  let first: (high: S, low: S)
  let second: (high: S, low: S)

  /// Nil for `Double`, if a factor is so large or small that digits would be lost, and where products
  /// cannot be fused with sums.
  @inline(__always)
  init?(_ angle: Angle<S>, times scale: S) {
    #if LOSSES_FMA
      let factor = Double(scale) / angle.lengths
      let shares = (angle.dot / angle.squares.first, angle.dot / angle.squares.second)
      guard S.significandBitCount < Double.significandBitCount, Self.isUsual(factor),
        factor.magnitude < 0x1p10,
        Self.isUsual(shares.0), Self.isUsual(shares.1)
      else { return nil }
      self.factor = S(factor)
      first = Self.parts(shares.0)
      second = Self.parts(shares.1)
    #else
      return nil
    #endif
  }

  @inline(__always)
  static func isUsual(_ factor: Double) -> Bool {
    factor.magnitude > 0x1p-60 && factor.magnitude < 0x1p60
  }

  @inline(__always)
  static func parts(_ share: Double) -> (high: S, low: S) {
    let high = S(share)
    return (high, S(share - Double(high)))
  }

  @inline(__always)
  func callAsFunction(_ x: S, _ y: S) -> (S, S) {
    let toFirst = y.addingProduct(-first.high, x).addingProduct(-first.low, x)
    let toSecond = x.addingProduct(-second.high, y).addingProduct(-second.low, y)
    return (factor * toFirst, factor * toSecond)
  }
}
