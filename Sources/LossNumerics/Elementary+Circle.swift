extension Elementary {
  /// The arctangent, reduced to a small argument t: x itself near 0, -1/x for large x, by
  /// atan(x) = π/2 - atan(1/x), and (x - 1) / (x + 1) in between, by atan(x) = π/4 + atan(t).
  ///
  /// The constants enter from 9/16 on, where the result exceeds ½, so that the rounding error of
  /// the division is relatively small.
  @inlinable
  @inline(__always)
  static func arctangent(_ x: Self) -> Self {
    let magnitude = x.magnitude
    let isMiddle = magnitude > 0.5625
    let isFar = magnitude > 1.7777777777777777
    let numerator = select(isFar, -1, select(isMiddle, magnitude - 1, magnitude))
    let denominator = select(isFar, magnitude, select(isMiddle, magnitude + 1, 1))
    let t = numerator / denominator
    let square = t * t
    let correction = t * square * arctangentSeries(square)
    let piFactor = select(isFar, 0.5, select(isMiddle, 0.25, 0))
    let result = multiplyAdd(
      piFactor, piParts.high, t + multiplyAdd(piFactor, piParts.low, correction))
    return Self(signOf: x, magnitudeOf: result)
  }

  /// sin(π (x + quarterTurns / 2)), for x at least 0.
  @inlinable
  @inline(__always)
  static func sinPi(_ x: Self, plusQuarterTurns quarterTurns: Bits) -> Self {
    let (turns, remainder) = reducedToQuarterTurn(x)
    let square = remainder * remainder
    let correction = multiplyAdd(square, sineSeries(square), piParts.low)
    let sine = multiplyAdd(remainder, piParts.high, remainder * correction)
    let cosine = multiplyAdd(square, cosineSeries(square), 1)
    let quadrant = turns &+ quarterTurns
    let unsigned = select(quadrant & 1 == 0, sine, cosine)
    // Two quarter turns flip the sign: bit 1 of the quadrant moves to the sign bit.
    let sign = (quadrant & 2) &<< Bits(Bits.bitWidth - 2)
    return Self(bitPattern: unsigned.bitPattern ^ sign)
  }

  /// x = quarterTurns / 2 + remainder, exactly, with the remainder in `-1/4 ... 1/4`; full turns
  /// are dropped.
  @inlinable
  @inline(__always)
  static func reducedToQuarterTurn(_ x: Self) -> (quarterTurns: Bits, remainder: Self) {
    // Adding `unit` rounds a smaller number to an integer and leaves it in the lowest bits. The
    // amounts subtracted before that are full turns: every number from 2 · `unit` on is one.
    let unit = 1 / ulpOfOne
    let fraction = x - select(x >= 2 * unit, x, select(x >= unit, unit, 0))
    let twice = 2 * (fraction - select(fraction >= unit / 2, unit / 2, 0))
    let shifted = unit + twice
    return (shifted.bitPattern, (twice - (shifted - unit)) / 2)
  }
}
