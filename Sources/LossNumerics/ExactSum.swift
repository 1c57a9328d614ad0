extension LossScalar {
  /// A rounded sum and its exact rounding error (D. E. Knuth, *The Art of Computer Programming* 2,
  /// 4.2.2, theorem B).
  @inlinable @inline(__always)
  static func sum(_ a: Self, _ b: Self) -> (rounded: Self, error: Self) {
    let sum = a + b
    let added = sum - a
    return (sum, (a - (sum - added)) + (b - added))
  }

  /// The difference of two numbers in periods, free of the rounding error of the subtraction: the
  /// nearest whole number of periods and the remaining fraction, usually in `-1/2 ... 1/2`.
  ///
  /// - Domain: finite numbers whose difference is finite, also in periods; NaN otherwise.
  @inlinable @inline(__always)
  public static func turns(
    from b: Self, to a: Self, period: Self
  ) -> (whole: Self, rest: Self) {
    let difference = sum(a, -b)
    let whole = (difference.rounded / period).rounded(.toNearestOrEven)
    let remainder = multiplyAdd(-whole, period, difference.rounded) + difference.error
    return (whole, remainder / period)
  }
}
