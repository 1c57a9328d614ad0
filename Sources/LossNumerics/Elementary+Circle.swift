extension Elementary {
  /// The arctangent of t = x near 0, of -1/x far out, where atan(x) = π/2 - atan(1/x), and between
  /// of the smaller t in atan(x) = π/4 + atan((x - 1) / (x + 1)).
  ///
  /// From 9/16 on, where the constants come in, the result is above ½, so that what the division
  /// rounds off is small beside it.
  @inlinable
  @inline(__always)
  static func arctangent(_ x: Self) -> Self {
    let distance = x.magnitude
    let isMiddle = distance > 0.5625
    let isFar = distance > 1.7777777777777777
    let top = select(isFar, -1, select(isMiddle, distance - 1, distance))
    let bottom = select(isFar, distance, select(isMiddle, distance + 1, 1))
    let t = top / bottom
    let square = t * t
    let curve = t * square * arctangentSeries(square)
    let quarters = select(isFar, 0.5, select(isMiddle, 0.25, 0))
    let result = multiplyAdd(
      quarters, halfTurn.high, t + multiplyAdd(quarters, halfTurn.low, curve))
    return Self(signOf: x, magnitudeOf: result)
  }

  /// sin(π (x + quarters / 2)), for x at least 0.
  @inlinable
  @inline(__always)
  static func sineOfHalfTurns(_ x: Self, plusQuarters quarters: Bits) -> Self {
    let (turns, rest) = quarterTurns(x)
    let square = rest * rest
    let bend = multiplyAdd(square, sineSeries(square), halfTurn.low)
    let sine = multiplyAdd(rest, halfTurn.high, rest * bend)
    let cosine = multiplyAdd(square, cosineSeries(square), 1)
    let place = turns &+ quarters
    let size = select(place & 1 == 0, sine, cosine)
    // Two quarter turns exchange the sign: the second bit becomes the sign's.
    let sign = (place & 2) &<< Bits(Bits.bitWidth - 2)
    return Self(bitPattern: size.bitPattern ^ sign)
  }

  /// x = quarters / 2 + rest, exactly, with the rest in `-1/4 ... 1/4`; whole turns are left out.
  @inlinable
  @inline(__always)
  static func quarterTurns(_ x: Self) -> (quarters: Bits, rest: Self) {
    // Added to `unit` a number leaves the nearest whole number in the lowest bits, below `unit`.
    // What is taken off before is a whole number of turns: from twice `unit` on every number is.
    let unit = 1 / ulpOfOne
    let fraction = x - select(x >= 2 * unit, x, select(x >= unit, unit, 0))
    let twice = 2 * (fraction - select(fraction >= unit / 2, unit / 2, 0))
    let shifted = unit + twice
    return (shifted.bitPattern, (twice - (shifted - unit)) / 2)
  }
}
