extension LossScalar {
  /// The logarithm of a quotient, `log(a / b)`, without cancellation where the two are close.
  ///
  /// A quotient near 1 loses the digits by which it differs from 1; the difference `a - b` keeps
  /// them.
  ///
  /// - Domain: both at least 0: NaN for a negative number, and for 0 / 0.
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
  /// `log((a + offset) / (b + offset))`, corrected for the rounding errors of the sums and of the
  /// quotient.
  ///
  /// These errors are a small relative correction of the quotient, and log(1 + x) is nearly x for a
  /// small x.
  ///
  /// - Domain: both sums at least 0: NaN for a negative one, and for 0 / 0.
  @inlinable @inline(__always)
  public static func logRatio(_ a: Self, _ b: Self, offset: Self) -> Self {
    let numerator = sum(a, offset)
    let denominator = sum(b, offset)
    let difference = sum(a, -b)
    let isNear = difference.rounded.magnitude < denominator.rounded / 2
    // Where the two are close, their difference is more accurate than the quotient of the sums.
    let dividend = select(isNear, difference.rounded, numerator.rounded)
    let quotient = dividend / denominator.rounded
    let far = logRatio(numerator.rounded, denominator.rounded, quotient: quotient)
    let value = select(isNear, log(onePlus: quotient), far)
    let error = select(isNear, difference.error, numerator.error) - quotient * denominator.error
    let correction =
      (multiplyAdd(-quotient, denominator.rounded, dividend) + error) / numerator.rounded
    let isCorrected = (isNear || isRegular(quotient)) && correction.magnitude < 1
    let isOutside = numerator.rounded < 0 || denominator.rounded < 0
    return select(isOutside, .nan, value + select(isCorrected, correction, 0))
  }

  /// The logarithm of a quotient far from 1; the quotient itself may overflow or underflow.
  @inlinable @inline(__always)
  static func logRatio(_ a: Self, _ b: Self, quotient: Self) -> Self {
    select(isRegular(quotient), log(quotient), log(a) - log(b))
  }

  @inlinable @inline(__always)
  static func isRegular(_ quotient: Self) -> Bool {
    quotient >= leastNormalMagnitude && quotient <= greatestFiniteMagnitude
  }
}
