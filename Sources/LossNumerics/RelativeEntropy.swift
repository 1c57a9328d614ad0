extension LossScalar {
  /// e^x - 1 - x, the remainder of the exponential after its tangent at 0.
  ///
  /// Near 0 a series in x keeps the digits that the subtractions would cancel; elsewhere it is
  /// (e^x - 1) - x.
  ///
  /// - Domain: every number.
  /// - Edge cases: 0 gives 0, ±∞ gives ∞, NaN gives NaN. Never below 0.
  /// - Error: 3.34 ulp for `Float`, 3.24 for `Double`, over 60,000 numbers between -32 and 32.
  @inlinable
  @inline(__always)
  public static func expRest(_ x: Self) -> Self {
    let isNear = x.magnitude < 0.75
    let near = select(isNear, x, 0)
    let far = expMinusOne(x) - x
    // For x = ∞ the difference would be infinity minus infinity.
    return select(isNear, near * near * expRestSeries(near), select(x == .infinity, x, far))
  }

  /// Σ x^k / (k + 2)!, with as many terms as `Double` needs for |x| < 3/4.
  @inlinable
  @inline(__always)
  static func expRestSeries(_ x: Self) -> Self {
    let lower = Polynomial<Self>.eight(
      x, (1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120),
      (1.0 / 720, 1.0 / 5040, 1.0 / 40_320, 1.0 / 362_880))
    let upper = Polynomial<Self>.eight(
      x, (1.0 / 3_628_800, 1.0 / 39_916_800, 1.0 / 479_001_600, 1.0 / 6_227_020_800),
      (
        1.0 / 87_178_291_200, 1.0 / 1_307_674_368_000, 1.0 / 20_922_789_888_000,
        1.0 / 355_687_428_096_000
      ))
    let square = x * x
    let fourth = square * square
    return multiplyAdd(upper, fourth * fourth, lower)
  }
}

extension LossArithmetic {
  /// The term of one element in the relative entropy (Kullback-Leibler divergence),
  /// `target log(target / prediction) - target + prediction`: at least 0, and 0 where both are
  /// equal.
  ///
  /// Where the two are close it is `target` times ``expRest(_:)`` of the difference of their
  /// logarithms, which avoids cancellation. SciPy calls this function `kl_div`.
  ///
  /// - Domain: both at least 0.
  /// - Edge cases: a target of 0 gives the prediction; a prediction of 0 under a target above 0
  ///   gives ∞; NaN gives NaN.
  @inlinable
  @inline(__always)
  public static func relativeEntropy(_ target: Self, _ prediction: Self) -> Self {
    relativeEntropy(target, prediction, logRatio: logRatio(prediction, target))
  }

  /// The term of the relative entropy for a known `log(prediction / target)`.
  ///
  /// - Domain: that of ``relativeEntropy(_:_:)``; for a target of 0 the logarithm is ignored.
  @inlinable
  @inline(__always)
  public static func relativeEntropy(
    _ target: Self, _ prediction: Self, logRatio: Self
  ) -> Self {
    let near = target * expRest(logRatio)
    let far = (prediction - target) - target * logRatio
    let value = select(logRatio.magnitude < 0.75, near, far)
    return select(target == 0, prediction, value)
  }
}
