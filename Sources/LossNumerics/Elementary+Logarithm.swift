extension Elementary {
  /// x = 2^k (1 + f) with 1 + f in sqrt(1/2) ..< sqrt(2), for finite x above zero.
  @inlinable
  @inline(__always)
  static func octaves(_ x: Self) -> (k: Self, f: Self) {
    let unit = 1 / ulpOfOne
    let scale = select(x < leastNormalMagnitude, 2 * unit, 1)
    let bits = (x * scale).bitPattern
    // Counted from sqrt(1/2) the exponent field changes where the mantissa should wrap.
    let offset = bits &- rootHalfBits
    let f = Self(bitPattern: bits &- (offset & (-infinity).bitPattern)) - 1

    // Few vector units convert 64-bit integers. With the sign bit added the exponent is positive,
    // and becomes the lowest bits of `unit`, where a bit is worth 1.
    let signed = offset &- (scale.bitPattern &- Self(1).bitPattern)
    let exponent = (signed &+ (-Self.zero).bitPattern) &>> Bits(significandBitCount)
    let k = Self(bitPattern: unit.bitPattern | exponent) - (unit + Self(1 &<< exponentBitCount))
    return (k, f)
  }

  /// high + log(1 + f) + low, for `f` in `-0.3 ... 0.5` and a multiple of ln 2 in two parts.
  ///
  /// s = f / (2 + f) turns the logarithm into an odd series, 2 s + s z R(z) with z = s²; written
  /// as f - s (f - z R), its leading term is exact.
  @inlinable
  @inline(__always)
  static func logarithm(onePlus f: Self, high: Self, low: Self) -> Self {
    let s = f / (2 + f)
    let z = s * s
    let inner = multiplyAdd(-z, logarithmSeries(z), f)
    return high + (f - multiplyAdd(s, inner, -low))
  }

  /// log(x) + correction, with the limits of the logarithm at the ends of its domain.
  @inlinable
  @inline(__always)
  static func logarithm(_ x: Self, correction: Self) -> Self {
    let (k, f) = octaves(x)
    let low = multiplyAdd(k, ln2.low, correction)
    let result = logarithm(onePlus: f, high: k * ln2.high, low: low)
    let aboveZero = select(x < infinity, result, x)
    return select(x > 0, aboveZero, select(x == 0, -infinity, nan))
  }

  @inlinable
  @inline(__always)
  static func logarithm(onePlus x: Self) -> Self {
    let sum = 1 + x
    let lost = x - (sum - 1)
    return Self(signOf: x, magnitudeOf: logarithm(sum, correction: lost / sum))
  }

  @inlinable
  @inline(__always)
  static func logarithm(onePlusFraction x: Self) -> Self {
    // From 1/2 on, 1 + x = 2 (1 + (x - 1) / 2), and both steps are exact.
    let isSmall = x < 0.5
    let f = select(isSmall, x, (x - 1) / 2)
    let high = select(isSmall, 0, ln2.high)
    return logarithm(onePlus: f, high: high, low: select(isSmall, 0, ln2.low))
  }
}
