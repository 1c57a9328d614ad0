extension Elementary {
  /// The power, with the exponents 0 to 3 as products: exact for 0 and 1, and the usual choices.
  ///
  /// The general case is computed in any event. To skip it would be a branch, and a loop with a
  /// branch to a call is not vectorised at all.
  @inlinable
  @inline(__always)
  static func raised(_ base: Self, to exponent: Self) -> Self {
    let general = exponential(exponent, timesLogarithmOf: base)
    let square = base * base
    let cube = select(exponent == 3, square * base, general)
    let higher = select(exponent == 2, square, cube)
    return select(exponent == 0, 1, select(exponent == 1, base, higher))
  }

  /// e^(y log x), with the logarithm and the product in nearly twice the precision: e^z turns the
  /// absolute error of z into a relative one.
  ///
  /// Halved significands make the products exact (T. J. Dekker, "A Floating-Point Technique for
  /// Extending the Available Precision", Numer. Math. 18 (1971), doi:10.1007/BF01397083).
  @inlinable
  @inline(__always)
  static func exponential(_ y: Self, timesLogarithmOf x: Self) -> Self {
    let (count, m) = octaves(x)
    let (k, f) = (count / octave, m - 1)

    // s = f / (2 + f) as the rounded quotient and what division leaves over.
    let d = 2 + f
    let s = f / d
    let sHead = leadingHalf(s)
    let dHead = leadingHalf(d)
    let dTail = f - (dHead - 2)
    let remainder = (f - sHead * dHead) - sHead * dTail
    let sTail = (sHead - s) + remainder / d

    // log x = k ln 2 + 2 s + s z R(z)
    let z = s * s
    let whole = k * ln2.high
    let log = whole + 2 * s
    let lost = 2 * s - (log - whole)
    let logTail = lost + (2 * sTail + (k * ln2.low + s * z * logarithmSeries(z)))

    let yHead = leadingHalf(y)
    let logHead = leadingHalf(log)
    let product = yHead * logHead
    let rest = yHead * ((log - logHead) + logTail) + (y - yHead) * (log + logTail)
    let sum = product + rest
    let result = ExponentialParts(sum, plus: rest - (sum - product)).preciseExponential

    let isRising = y > 0
    let aboveZero = select(x < infinity, result, select(isRising, infinity, 0))
    let atMostZero = select(x == 0, select(isRising, 0, infinity), nan)
    return select(x > 0, aboveZero, atMostZero)
  }

  /// The leading half of the significand: the product of two such is exact.
  @inlinable
  @inline(__always)
  static func leadingHalf(_ x: Self) -> Self {
    let dropped = Bits((significandBitCount + 2) / 2)
    return Self(bitPattern: (x.bitPattern &>> dropped) &<< dropped)
  }
}
