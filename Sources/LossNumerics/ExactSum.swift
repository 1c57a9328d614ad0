extension LossScalar {
  /// A sum, and exactly what it rounds off (D. E. Knuth, *The Art of Computer Programming* 2, 4.2.2,
  /// theorem B).
  @inlinable @inline(__always)
  static func sum(_ a: Self, _ b: Self) -> (rounded: Self, lost: Self) {
    let sum = a + b
    let part = sum - a
    return (sum, (a - (sum - part)) + (b - part))
  }

  /// How many turns there are from one number to another: the whole ones, and the rest, as a rule in
  /// `-1/2 ... 1/2`, without what the difference rounds off.
  ///
  /// - Domain: finite numbers whose difference is finite, also in periods; NaN otherwise.
  @inlinable @inline(__always)
  public static func turns(
    from b: Self, to a: Self, period: Self
  ) -> (whole: Self, rest: Self) {
    let difference = sum(a, -b)
    let whole = (difference.rounded / period).rounded(.toNearestOrEven)
    let rest = multiplyAdd(-whole, period, difference.rounded) + difference.lost
    return (whole, rest / period)
  }
}
