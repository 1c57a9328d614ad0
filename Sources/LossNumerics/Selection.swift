/// Comparisons that propagate NaN; `min` and `max` of the standard library lose a NaN in their
/// second argument.
extension LossArithmetic {
  /// `x` limited to `low ... high`.
  ///
  /// - Domain: every number; `low <= high`.
  /// - Edge cases: NaN stays NaN. At a limit of ±0, a zero keeps its own sign.
  @inlinable
  @inline(__always)
  public static func clamped(_ x: Self, _ low: Self, _ high: Self) -> Self {
    let raised = select(x < low, low, x)
    return select(raised > high, high, raised)
  }

  /// `x - maximum` for an `x` of at most the maximum; 0 where both are +∞, so that infinite logits
  /// are equal and exceed all others.
  @inlinable
  @inline(__always)
  public static func distance(of x: Self, to maximum: Self) -> Self {
    select(x == .infinity, 0, x - maximum)
  }

  /// max(0, x), the rectified linear unit.
  ///
  /// - Edge cases: NaN stays NaN; -0 gives +0.
  @inlinable
  @inline(__always)
  public static func relu(_ x: Self) -> Self {
    select(x <= 0, 0, x)
  }
}

extension LossArithmetic {
  /// The larger of two numbers.
  ///
  /// - Edge cases: NaN if either is NaN. Of +0 and -0 it is the second.
  @inlinable
  @inline(__always)
  public static func maximumPropagatingNaN(_ a: Self, _ b: Self) -> Self {
    select(a == a, select(a > b, a, b), a)
  }

  /// The smaller of two numbers.
  ///
  /// - Edge cases: NaN if either is NaN. Of +0 and -0 it is the second.
  @inlinable
  @inline(__always)
  public static func minimumPropagatingNaN(_ a: Self, _ b: Self) -> Self {
    select(a == a, select(a < b, a, b), a)
  }
}
