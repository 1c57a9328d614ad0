extension Elementary {
  /// The power; the exponents 0 to 3, which are the usual ones, are plain products.
  ///
  /// The general case is always computed: skipping it would take a branch, and the compiler does
  /// not vectorise a loop that branches around a call.
  @inlinable
  @inline(__always)
  static func raised(_ base: Self, to exponent: Self) -> Self {
    let general = exponential(exponent, timesLogarithmOf: base)
    let square = base * base
    let cube = select(exponent == 3, square * base, general)
    let higher = select(exponent == 2, square, cube)
    return select(exponent == 0, 1, select(exponent == 1, base, higher))
  }

  /// e^(y log x), with the logarithm and the product in nearly twice the precision, since the
  /// absolute error of z becomes the relative error of e^z.
  ///
  /// Halved significands make the products exact (T. J. Dekker, "A Floating-Point Technique for
  /// Extending the Available Precision", Numer. Math. 18 (1971), doi:10.1007/BF01397083).
  @inlinable
  @inline(__always)
  static func exponential(_ y: Self, timesLogarithmOf x: Self) -> Self {
    let (count, m) = exponentAndSignificand(x)
    let (k, f) = (count / exponentUnit, m - 1)

    // s = f / (2 + f) as the rounded quotient and a tail from the remainder of the division.
    let d = 2 + f
    let s = f / d
    let sHead = leadingHalf(s)
    let dHead = leadingHalf(d)
    let dTail = f - (dHead - 2)
    let remainder = (f - sHead * dHead) - sHead * dTail
    let sTail = (sHead - s) + remainder / d

    // log x = k ln 2 + 2 s + s z R(z)
    let z = s * s
    let exponentPart = k * ln2.high
    let log = exponentPart + 2 * s
    let error = 2 * s - (log - exponentPart)
    let logTail = error + (2 * sTail + (k * ln2.low + s * z * logarithmSeries(z)))

    let yHead = leadingHalf(y)
    let logHead = leadingHalf(log)
    let product = yHead * logHead
    let productTail = yHead * ((log - logHead) + logTail) + (y - yHead) * (log + logTail)
    let sum = product + productTail
    let result = ExponentialParts(sum, plus: productTail - (sum - product)).preciseExponential

    let isIncreasing = y > 0
    let aboveZero = select(x < infinity, result, select(isIncreasing, infinity, 0))
    let atMostZero = select(x == 0, select(isIncreasing, 0, infinity), nan)
    return select(x > 0, aboveZero, atMostZero)
  }

  /// The leading half of the significand: the product of two such numbers is exact.
  @inlinable
  @inline(__always)
  static func leadingHalf(_ x: Self) -> Self {
    let dropped = Bits((significandBitCount + 2) / 2)
    return Self(bitPattern: (x.bitPattern &>> dropped) &<< dropped)
  }
}
