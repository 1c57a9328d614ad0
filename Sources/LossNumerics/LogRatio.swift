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
    let far = logRatio(a, b, quotient: ratio)
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
    let far = logRatio(above.rounded, below.rounded, quotient: quotient)
    let value = select(isNear, log(onePlus: quotient), far)
    let lost = select(isNear, difference.lost, above.lost) - quotient * below.lost
    let share = (multiplyAdd(-quotient, below.rounded, whole) + lost) / above.rounded
    let isShare = (isNear || isRegular(quotient)) && share.magnitude < 1
    let isOutside = above.rounded < 0 || below.rounded < 0
    return select(isOutside, .nan, value + select(isShare, share, 0))
  }

  /// The logarithm of a quotient far from 1, also of one that leaves the range of the element.
  @inlinable @inline(__always)
  static func logRatio(_ a: Self, _ b: Self, quotient: Self) -> Self {
    select(isRegular(quotient), log(quotient), log(a) - log(b))
  }

  @inlinable @inline(__always)
  static func isRegular(_ quotient: Self) -> Bool {
    quotient >= leastNormalMagnitude && quotient <= greatestFiniteMagnitude
  }
}
