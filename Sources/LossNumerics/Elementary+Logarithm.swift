extension Elementary {
  /// x = 2^(k / octave) m with m in sqrt(1/2) ..< sqrt(2), for finite x above zero; m is in that
  /// range whatever x is.
  @inlinable
  @inline(__always)
  static func octaves(_ x: Self) -> (k: Self, m: Self) {
    let isSubnormal = x < leastNormalMagnitude
    let scale = 2 / ulpOfOne
    let bits = select(isSubnormal, x * scale, x).bitPattern
    // Counted from sqrt(1/2) the exponent field changes where the mantissa should wrap.
    let exponent = (bits &- rootHalfBits) & (-infinity).bitPattern
    let m = Self(bitPattern: bits &- exponent)

    let shift = Self(bitPattern: scale.bitPattern &- Self(1).bitPattern)
    return (count(exponent &- select(isSubnormal, shift, 0).bitPattern), m)
  }

  /// k ln 2 / octave + log(1 + f) + rest, for `f` in `-0.3 ... 0.5`, and `d` = 2 + f.
  ///
  /// s = f / d turns the logarithm into an odd series, 2 s + s z R(z) with z = s²; written
  /// as f - s (f - z R), its leading term is exact.
  @inlinable
  @inline(__always)
  static func logarithm(onePlus f: Self, _ d: Self, octaves k: Self, rest: Self?) -> Self {
    let s = f / d
    let z = s * s
    let inner = multiplyAdd(-z, logarithmSeries(z), f)
    let near = rest.map { f - multiplyAdd(s, inner, -$0) } ?? multiplyAdd(-s, inner, f)
    return multiplyAdd(k, ln2PerCount.high, near)
  }

  /// The logarithm at the ends of its domain, and a number inside.
  @inlinable
  @inline(__always)
  static func logarithm(atEnds x: Self, inside: Self) -> Self {
    let aboveZero = select(x < infinity, inside, x)
    return select(x > 0, aboveZero, select(x == 0, -infinity, nan))
  }

  @inlinable
  @inline(__always)
  static func logarithm(_ x: Self) -> Self {
    let (k, m) = octaves(x)
    // The ends are put in early, where nothing waits for them yet.
    let limited = logarithm(atEnds: x, inside: k)
    return logarithm(
      onePlus: m - 1, m + 1, octaves: limited, rest: ln2PerCount.low.map { k * $0 })
  }

  @inlinable
  @inline(__always)
  static func logarithm(onePlus x: Self) -> Self {
    let sum = 1 + x
    let lost = (x - (sum - 1)) / sum
    let (k, m) = octaves(sum)
    let rest = ln2PerCount.low.map { multiplyAdd(k, $0, lost) } ?? lost
    let inside = logarithm(onePlus: m - 1, m + 1, octaves: k, rest: rest)
    return Self(signOf: x, magnitudeOf: logarithm(atEnds: sum, inside: inside))
  }

  @inlinable
  @inline(__always)
  static func logarithm(onePlusFraction x: Self) -> Self {
    // From 1/2 on, 1 + x = 2 (1 + (x - 1) / 2), and both steps are exact.
    let isSmall = x < 0.5
    let f = select(isSmall, x, (x - 1) / 2)
    return logarithm(
      onePlus: f, 2 + f, octaves: select(isSmall, 0, octave),
      rest: ln2PerCount.low.map { select(isSmall, 0, $0 * octave) })
  }
}
