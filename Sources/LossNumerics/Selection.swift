/// Comparisons that keep NaN: the standard library's `min` and `max` lose one in second place.
extension LossScalar {
  /// `x` limited to `low ... high`; NaN stays NaN.
  @inlinable
  @inline(__always)
  public static func clamped(_ x: Self, _ low: Self, _ high: Self) -> Self {
    let raised = x < low ? low : x
    return raised > high ? high : raised
  }

  /// The larger of two numbers; NaN if either is NaN.
  @inlinable
  @inline(__always)
  public static func larger(_ a: Self, _ b: Self) -> Self {
    let chosen = a > b ? a : b
    return a == a ? chosen : a
  }

  /// The smaller of two numbers; NaN if either is NaN.
  @inlinable
  @inline(__always)
  public static func smaller(_ a: Self, _ b: Self) -> Self {
    let chosen = a < b ? a : b
    return a == a ? chosen : a
  }

  /// max(0, x); NaN stays NaN.
  @inlinable
  @inline(__always)
  public static func positivePart(_ x: Self) -> Self {
    x <= 0 ? 0 : x
  }
}
