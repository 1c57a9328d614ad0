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
