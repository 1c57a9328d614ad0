import LossCore

/// The angle between two vectors of any magnitude.
struct Angle<S: LossScalar> {
  /// The cosine; 0 for a zero vector.
  let cosine: Double
  /// x · y, of the scaled vectors.
  let dot: Double
  /// |x|² and |y|², of the scaled vectors; both infinite if one is zero, so that quotients are 0.
  let squares: (first: Double, second: Double)
  /// |x| |y|, of the scaled vectors.
  let lengths: Double
  /// The factors of the scaled vectors.
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

  /// The derivatives of the cosine with respect to an element of each vector, times `scale`:
  /// `(y / |y| - cos x / |x|) / |x|` for the first.
  @inline(__always)
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S) {
    let (x, y, scale) = (Double(x), Double(y), Double(scale))
    let orthogonal = (first: scales.second / lengths, second: scales.first / lengths)
    let parallel = (
      first: cosine / squares.first * scales.first, second: cosine / squares.second * scales.second
    )
    let first = orthogonal.first * y - parallel.first * x
    let second = orthogonal.second * x - parallel.second * y
    return (S(scale * scales.first * first), S(scale * scales.second * second))
  }
}

/// The derivatives of ``Angle`` as `a (y - c x)` and `a (x - d y)` in `Float` arithmetic, with a
/// third of the instructions, for vectors of moderate length.
///
/// `c` and `d` are sums of two floats and no product is rounded before the subtraction, so nearly
/// parallel vectors keep their digits. For `Double` a sum of two would gain nothing. The scales are
/// 1, since the square of a `Float` does not overflow a `Double`.
struct FusedGradient<S: LossScalar> {
  let factor: S
  let first: (high: S, low: S)
  let second: (high: S, low: S)

  /// Nil for `Double`, for factors so large or small that digits would be lost, and without fused
  /// multiply-add.
  @inline(__always)
  init?(_ angle: Angle<S>, times scale: S) {
    #if LOSSES_FMA
      let factor = Double(scale) / angle.lengths
      let ratios = (angle.dot / angle.squares.first, angle.dot / angle.squares.second)
      guard S.significandBitCount < Double.significandBitCount, Self.isModerate(factor),
        factor.magnitude < 0x1p10,
        Self.isModerate(ratios.0), Self.isModerate(ratios.1)
      else { return nil }
      self.factor = S(factor)
      first = Self.split(ratios.0)
      second = Self.split(ratios.1)
    #else
      return nil
    #endif
  }

  @inline(__always)
  static func isModerate(_ factor: Double) -> Bool {
    factor.magnitude > 0x1p-60 && factor.magnitude < 0x1p60
  }

  @inline(__always)
  static func split(_ ratio: Double) -> (high: S, low: S) {
    let high = S(ratio)
    return (high, S(ratio - Double(high)))
  }

  @inline(__always)
  func callAsFunction(_ x: S, _ y: S) -> (S, S) {
    let firstDerivative = y.addingProduct(-first.high, x).addingProduct(-first.low, x)
    let secondDerivative = x.addingProduct(-second.high, y).addingProduct(-second.low, y)
    return (factor * firstDerivative, factor * secondDerivative)
  }
}
