extension Double: LossScalar {
  /// e^x, off by at most 0.87 ulp.
  @inlinable
  @inline(__always)
  public static func exp(_ x: Double) -> Double {
    ExponentialParts(x).exponential
  }

  /// The divisor of exponentials of numbers up to `largest`.
  @inlinable
  @inline(__always)
  public static func scale(below largest: Double) -> ExponentialScale<Double> {
    exponentialScale(below: largest)
  }

  /// e^x divided by the scale, off by at most 0.99 ulp.
  @inlinable
  @inline(__always)
  public static func exp(_ x: Double, _ scale: ExponentialScale<Double>) -> Double {
    exponential(x, scale)
  }

  /// e^x - 1, off by at most 1.12 ulp.
  @inlinable
  @inline(__always)
  public static func expMinusOne(_ x: Double) -> Double {
    Double(signOf: x, magnitudeOf: ExponentialParts(x).exponentialMinusOne)
  }

  /// log(x), off by at most 0.89 ulp.
  @inlinable
  @inline(__always)
  public static func log(_ x: Double) -> Double {
    logarithm(x)
  }

  /// log(1 + x), off by at most 0.90 ulp.
  @inlinable
  @inline(__always)
  public static func log(onePlus x: Double) -> Double {
    logarithm(onePlus: x)
  }

  /// log(1 + x) for `x` in `0 ... 1`, off by at most 0.93 ulp.
  @inlinable
  @inline(__always)
  public static func log(onePlusFraction x: Double) -> Double {
    logarithm(onePlusFraction: x)
  }

  /// log(cosh(x)), off by at most 2.70 ulp.
  @inlinable
  @inline(__always)
  public static func logCosh(_ x: Double) -> Double {
    logarithmOfCosh(x)
  }

  /// atan(x), off by at most 1.15 ulp.
  @inlinable
  @inline(__always)
  public static func atan(_ x: Double) -> Double {
    arctangent(x)
  }

  /// sin(π x), off by at most 1.60 ulp.
  @inlinable
  @inline(__always)
  public static func sinPi(_ x: Double) -> Double {
    let sine = sinPi(x.magnitude, plusQuarterTurns: 0)
    return select(x.sign == .minus, -sine, sine)
  }

  /// cos(π x), off by at most 1.60 ulp.
  @inlinable
  @inline(__always)
  public static func cosPi(_ x: Double) -> Double {
    sinPi(x.magnitude, plusQuarterTurns: 1)
  }

  /// base^exponent, off by at most 0.78 ulp.
  @inlinable
  @inline(__always)
  public static func pow(_ base: Double, _ exponent: Double) -> Double {
    raised(base, to: exponent)
  }

  /// `condition ? a : b` without a branch.
  @inlinable
  @inline(__always)
  public static func select(_ condition: Bool, _ a: Double, _ b: Double) -> Double {
    masked(condition, a, b)
  }

  /// The maximum of some numbers.
  @inlinable
  @inline(__always)
  public static func maximum(_ numbers: UnsafePointer<Double>, count: Int) -> Double {
    maximumInOrder(numbers, count: count)
  }

  /// Whether some numbers all lie in a range. From 0 on, the order of numbers is that of their bits,
  /// where negative ones and NaN come last.
  public static func areInside(
    _ numbers: UnsafePointer<Double>, count: Int, low: Double, high: Double
  ) -> Bool {
    if low == 0 {
      var largest: UInt64 = 0
      for i in 0..<count { largest = Swift.max(largest, numbers[i].bitPattern) }
      return largest <= high.bitPattern
    }
    var signs: UInt64 = 0
    for i in 0..<count {
      signs |= (numbers[i] - low).bitPattern | (high - numbers[i]).bitPattern
    }
    return signs & ~0x7fff_ffff_ffff_ffff == 0
  }

  /// Whether each of some numbers is one of two, by their bits.
  public static func areEither(
    _ numbers: UnsafePointer<Double>, count: Int, _ first: Double, _ second: Double
  ) -> Bool {
    var bits: UInt64 = 0
    let one = second.bitPattern
    if first == -second {
      for i in 0..<count { bits |= numbers[i].bitPattern ^ one }
      return bits & 0x7fff_ffff_ffff_ffff == 0
    }
    let other = first.bitPattern
    for i in 0..<count {
      let number = numbers[i].bitPattern
      bits |= Swift.min(number ^ other, number ^ one)
    }
    return bits == 0
  }

  /// Writes the exponentials of some numbers and returns the maximum of the numbers.
  @inlinable
  @inline(__always)
  public static func exponentials(
    _ numbers: UnsafePointer<Double>, count: Int, _ scale: ExponentialScale<Double>,
    into out: UnsafeMutablePointer<Double>
  ) -> Double {
    exponentialsInOrder(numbers, count: count, scale, into: out)
  }

  /// 2^-52, the distance from 1 to the next larger number.
  @inlinable
  @inline(__always)
  public static var machineEpsilon: Double { ulpOfOne }

  /// The same number as a `Double`, exactly.
  @inlinable
  @inline(__always)
  public var asDouble: Double { self }
}

extension Double: Elementary {
  @inlinable
  @inline(__always)
  static var rounder: Double { 0x1.8p52 + 2046 }

  @inlinable
  @inline(__always)
  static var exponentialRange: (low: Double, high: Double) { (-746, 710) }

  @inlinable
  @inline(__always)
  static var log2OfE: Double { 1.4426950408889634 }

  @inlinable
  @inline(__always)
  static var ln2: (high: Double, low: Double) { (0x1.62e42ffp-1, -0x1.718432a1b0e26p-35) }

  @inlinable
  @inline(__always)
  static func exponentValue(_ field: UInt64) -> Double {
    // Few vector units convert 64-bit integers. With the sign bit added the exponent is positive,
    // and becomes the lowest bits of a number whose lowest bit is worth 1.
    let positive = (field &+ (-Double.zero).bitPattern) &>> UInt64(significandBitCount)
    return Double(bitPattern: Double(0x1p52).bitPattern | positive) - (0x1p52 + 0x1p11)
  }

  @inlinable
  @inline(__always)
  static var exponentUnit: Double { 1 }

  @inlinable
  @inline(__always)
  static var ln2PerExponentUnit: (high: Double, low: Double?) { ln2 }

  @inlinable
  @inline(__always)
  static var rootHalfBits: UInt64 { 0x3fe6_a09e_667f_3bcd }

  /// Relative to e^r the error is below 2^-57.
  @inlinable
  @inline(__always)
  static func exponentialSeries(_ r: Double) -> Double {
    let lower = (
      0x1.5555555555501p-3, 0x1.55555555531eap-5, 0x1.1111111128989p-7, 0x1.6c16c17ccd871p-10
    )
    let upper = (
      0x1.a01a011bde796p-13, 0x1.a019ab0970ecep-16, 0x1.71df5598f50cfp-19, 0x1.289fb179d0830p-22
    )
    return Polynomial.nine(r, lower, upper, 0x1.ad200257bbc87p-26)
  }

  /// Relative to the logarithm the error is below 2^-61.
  @inlinable
  @inline(__always)
  static func logarithmSeries(_ z: Double) -> Double {
    let lower = (
      0x1.555555555554fp-1, 0x1.999999999c23bp-2, 0x1.24924921d9216p-2, 0x1.c71c7499729dap-3
    )
    let upper = (
      0x1.745c489e20fdfp-3, 0x1.3b36093c2d023p-3, 0x1.0dc6dd33404e6p-3, 0x1.1ba157ac318f0p-3
    )
    return Polynomial.eight(z, lower, upper)
  }

  /// The relative error is below 2^-56.
  @inlinable
  @inline(__always)
  static func logCoshSeries(_ w: Double) -> Double {
    let lower = (0.5, -0x1.5555555555528p-4, 0x1.6c16c16c12548p-6, -0x1.ba1ba1b75fa44p-8)
    let upper = (
      0x1.1ea5d32b35e4dp-9, -0x1.833d86df70c07p-11, 0x1.0d09fc52ff259p-12, -0x1.7d86d1b76529cp-14
    )
    let last = (
      0x1.122631dba8af9p-15, -0x1.88b82df74e987p-17, 0x1.09632cf0165f6p-18, -0x1.24397defb1aeep-20
    )
    let highest = Polynomial.five(w, last, 0x1.7068bb6ac3ce4p-23)
    return Polynomial.nine(w, lower, upper, highest)
  }

  @inlinable
  @inline(__always)
  static var piParts: (high: Double, low: Double) { (0x1.921fb54442d18p1, 0x1.1a62633145c07p-53) }

  /// Relative to the arctangent the error is below 2^-57.
  @inlinable
  @inline(__always)
  static func arctangentSeries(_ w: Double) -> Double {
    let lower = (
      -0x1.555555555551dp-2, 0x1.9999999992a1fp-3, -0x1.2492492228772p-3, 0x1.c71c70ef0c411p-4
    )
    let upper = (
      -0x1.745d00ea76cd7p-4, 0x1.3b1232f599aebp-4, -0x1.10ffb55d1d350p-4, 0x1.e0c6d8547fb45p-5
    )
    let last = (
      -0x1.a8ba4bb5fc3c2p-5, 0x1.6b4109351e010p-5, -0x1.13f9730d9e82ep-5, 0x1.3b162f5d8ba46p-6
    )
    return Polynomial.nine(w, lower, upper, Polynomial.five(w, last, -0x1.7e8367456db88p-8))
  }

  /// Relative to the sine the error is below 2^-63.
  @inlinable
  @inline(__always)
  static func sineSeries(_ w: Double) -> Double {
    let lower = (
      -0x1.4abbce625be53p2, 0x1.466bc6775ab7cp1, -0x1.32d2cce63af7ep-1, 0x1.5078349d9d66ep-4
    )
    let upper = Polynomial.three(
      w, -0x1.e3076ec76c5c8p-8, 0x1.e908d5efe117dp-12, -0x1.73d449a2a2b03p-16)
    return Polynomial.five(w, lower, upper)
  }

  /// Relative to the cosine the error is below 2^-61.
  @inlinable
  @inline(__always)
  static func cosineSeries(_ w: Double) -> Double {
    let lower = (
      -0x1.3bd3cc9be45dep2, 0x1.03c1f081b5a38p2, -0x1.55d3c7e3b99eap0, 0x1.e1f5066445a77p-3
    )
    let upper = (
      -0x1.a6d1cb05d88d5p-6, 0x1.f9a49bbfc4d7cp-10, -0x1.9a01afdd9429fp-14, -0x1.855747822a59fp-16
    )
    return Polynomial.eight(w, lower, upper)
  }
}
