extension LossScalar {
  /// The logarithm of a quotient, `log(a / b)`, without cancellation where the two are close.
  ///
  /// Near 1 the quotient would lose the digits by which it differs from 1; the difference keeps
  /// them. Both at least 0: NaN for a negative number, and for 0 / 0.
  @inlinable @inline(__always)
  public static func logRatio(_ a: Self, _ b: Self) -> Self {
    let ratio = a / b
    let near = (a - b) / b
    let isNear = near.magnitude < 0.5
    let isRegular = ratio >= Self.leastNormalMagnitude && ratio <= Self.greatestFiniteMagnitude
    // A quotient that leaves the range of the element still has a logarithm.
    let far = select(isRegular, log(ratio), log(a) - log(b))
    return select(a < 0 || b < 0, .nan, select(isNear, log(onePlus: near), far))
  }
}

extension LossScalar {
  /// `log((a + offset) / (b + offset))`, of which the sums and the quotient are known beyond their
  /// rounding.
  ///
  /// What they round off is a small share of the quotient, and the logarithm of a share next to 1 is
  /// the rest itself.
  ///
  /// - Domain: both sums at least 0: NaN for a negative one, and for 0 / 0.
  @inlinable @inline(__always)
  public static func logRatio(_ a: Self, _ b: Self, offset: Self) -> Self {
    let above = sum(a, offset)
    let below = sum(b, offset)
    let difference = sum(a, -b)
    let isNear = difference.rounded.magnitude < below.rounded / 2
    // Where the two are close, their own difference says more than the quotient of the sums.
    let whole = select(isNear, difference.rounded, above.rounded)
    let quotient = whole / below.rounded
    let isRegular = quotient >= leastNormalMagnitude && quotient <= greatestFiniteMagnitude
    let far = select(
      isRegular, log(quotient), log(above.rounded) - log(below.rounded))
    let value = select(isNear, log(onePlus: quotient), far)
    let lost = select(isNear, difference.lost, above.lost) - quotient * below.lost
    let share = (multiplyAdd(-quotient, below.rounded, whole) + lost) / above.rounded
    let isShare = (isNear || isRegular) && share.magnitude < 1
    let isOutside = above.rounded < 0 || below.rounded < 0
    return select(isOutside, .nan, value + select(isShare, share, 0))
  }
}
