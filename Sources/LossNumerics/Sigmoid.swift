extension LossScalar {
  /// The logistic function 1 / (1 + e^-x).
  ///
  /// Computed from e^-|x|, which cannot overflow. Both tails, sigmoid(x) for x → -∞ and
  /// 1 - sigmoid(x) = sigmoid(-x) for x → ∞, keep their relative accuracy down to the smallest
  /// numbers.
  ///
  /// - Domain: every number.
  /// - Edge cases: 0 gives exactly ½, -∞ gives 0, ∞ gives 1, NaN gives NaN.
  /// - Error: 1.97 ulp for `Float`, 1.89 for `Double`.
  @inlinable
  @inline(__always)
  public static func sigmoid(_ x: Self) -> Self {
    let e = exp(-x.magnitude)
    let sum = 1 + e
    // The rounding error of the sum matters most where e is small, and there 1 / sum is nearly 1.
    let error = e - (sum - 1)
    let quotient = select(x < 0, e, 1) / sum
    return multiplyAdd(-quotient, error, quotient)
  }

  /// The hyperbolic tangent, em / (em + 2) with em = e^(±2|x|) - 1.
  ///
  /// - Domain: every number.
  /// - Edge cases: ±0 gives ±0, ±∞ gives ±1, NaN gives NaN.
  /// - Error: 1.95 ulp for `Float`, 1.97 for `Double`.
  @inlinable
  @inline(__always)
  public static func tanh(_ x: Self) -> Self {
    // From 20 on the result is 1. Near 0 a negative exponent keeps the sum just below 2, where the
    // rounding error is half of that above 2; for larger |x| a positive one avoids cancellation.
    let magnitude = clamped(x.magnitude, 0, 20)
    let em = expMinusOne(select(magnitude < 0.255, -2 * magnitude, 2 * magnitude))
    return Self(signOf: x, magnitudeOf: em / (em + 2))
  }
}
