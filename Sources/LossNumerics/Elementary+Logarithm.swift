extension Elementary {
  /// x = 2^(k / exponentUnit) m with m in sqrt(1/2) ..< sqrt(2), for finite x above zero; m is in
  /// that range for every x.
  @inlinable
  @inline(__always)
  static func exponentAndSignificand(_ x: Self) -> (k: Self, m: Self) {
    let isSubnormal = x < leastNormalMagnitude
    let scale = 2 / ulpOfOne
    let bits = select(isSubnormal, x * scale, x).bitPattern
    // Relative to the bits of sqrt(1/2), the exponent field changes where the significand wraps.
    let exponent = (bits &- rootHalfBits) & (-infinity).bitPattern
    let m = Self(bitPattern: bits &- exponent)

    let shift = Self(bitPattern: scale.bitPattern &- Self(1).bitPattern)
    return (exponentValue(exponent &- select(isSubnormal, shift, 0).bitPattern), m)
  }

  /// k ln 2 / exponentUnit + log(1 + f) + correction, for `f` in `-0.3 ... 0.5`, and `d` = 2 + f.
  ///
  /// s = f / d turns the logarithm into an odd series, 2 s + s z R(z) with z = s²; written
  /// as f - s (f - z R), its leading term is exact.
  @inlinable
  @inline(__always)
  static func logarithm(onePlus f: Self, _ d: Self, exponent k: Self, correction: Self?) -> Self {
    let s = f / d
    let z = s * s
    let inner = multiplyAdd(-z, logarithmSeries(z), f)
    let near = correction.map { f - multiplyAdd(s, inner, -$0) } ?? multiplyAdd(-s, inner, f)
    return multiplyAdd(k, ln2PerExponentUnit.high, near)
  }

  /// The logarithm of 0, ∞, negative numbers and NaN; `inside` for every other number.
  @inlinable
  @inline(__always)
  static func logarithm(atEnds x: Self, inside: Self) -> Self {
    let aboveZero = select(x < infinity, inside, x)
    return select(x > 0, aboveZero, select(x == 0, -infinity, nan))
  }

  @inlinable
  @inline(__always)
  static func logarithm(_ x: Self) -> Self {
    let (k, m) = exponentAndSignificand(x)
    // The special cases replace the exponent, since it is known early: this keeps them off the
    // critical path.
    let limited = logarithm(atEnds: x, inside: k)
    return logarithm(
      onePlus: m - 1, m + 1, exponent: limited,
      correction: ln2PerExponentUnit.low.map { k * $0 })
  }

  @inlinable
  @inline(__always)
  static func logarithm(onePlus x: Self) -> Self {
    let sum = 1 + x
    let error = (x - (sum - 1)) / sum
    let (k, m) = exponentAndSignificand(sum)
    let correction = ln2PerExponentUnit.low.map { multiplyAdd(k, $0, error) } ?? error
    let inside = logarithm(onePlus: m - 1, m + 1, exponent: k, correction: correction)
    return Self(signOf: x, magnitudeOf: logarithm(atEnds: sum, inside: inside))
  }

  @inlinable
  @inline(__always)
  static func logarithm(onePlusFraction x: Self) -> Self {
    // From 1/2 on, 1 + x = 2 (1 + (x - 1) / 2), and both steps are exact.
    let isSmall = x < 0.5
    let f = select(isSmall, x, (x - 1) / 2)
    return logarithm(
      onePlus: f, 2 + f, exponent: select(isSmall, 0, exponentUnit),
      correction: ln2PerExponentUnit.low.map { select(isSmall, 0, $0 * exponentUnit) })
  }
}
