extension Float: LossScalar {
  /// e^x, off by at most 0.89 ulp.
  @inlinable
  @inline(__always)
  public static func exp(_ x: Float) -> Float {
    ExponentialParts(x).exponential
  }

  /// The divisor of exponentials of numbers up to `largest`.
  @inlinable
  @inline(__always)
  public static func scale(below largest: Float) -> ExponentialScale<Float> {
    exponentialScale(below: largest)
  }

  /// e^x divided by the scale, off by at most 0.86 ulp.
  @inlinable
  @inline(__always)
  public static func exp(_ x: Float, _ scale: ExponentialScale<Float>) -> Float {
    exponential(x, scale)
  }

  /// e^x - 1, off by at most 1.04 ulp.
  @inlinable
  @inline(__always)
  public static func expMinusOne(_ x: Float) -> Float {
    Float(signOf: x, magnitudeOf: ExponentialParts(x).exponentialMinusOne)
  }

  /// log(x), off by at most 0.96 ulp.
  @inlinable
  @inline(__always)
  public static func log(_ x: Float) -> Float {
    logarithm(x)
  }

  /// log(1 + x), off by at most 0.99 ulp.
  @inlinable
  @inline(__always)
  public static func log(onePlus x: Float) -> Float {
    logarithm(onePlus: x)
  }

  /// log(1 + x) for `x` in `0 ... 1`, off by at most 0.97 ulp.
  @inlinable
  @inline(__always)
  public static func log(onePlusFraction x: Float) -> Float {
    logarithm(onePlusFraction: x)
  }

  /// log(cosh(x)), off by at most 2.56 ulp.
  @inlinable
  @inline(__always)
  public static func logCosh(_ x: Float) -> Float {
    logarithmOfCosh(x)
  }

  /// atan(x), off by at most 1.15 ulp.
  @inlinable
  @inline(__always)
  public static func atan(_ x: Float) -> Float {
    arctangent(x)
  }

  /// sin(π x), off by at most 1.65 ulp.
  @inlinable
  @inline(__always)
  public static func sinPi(_ x: Float) -> Float {
    let sine = sinPi(x.magnitude, plusQuarterTurns: 0)
    return select(x.sign == .minus, -sine, sine)
  }

  /// cos(π x), off by at most 1.61 ulp.
  @inlinable
  @inline(__always)
  public static func cosPi(_ x: Float) -> Float {
    sinPi(x.magnitude, plusQuarterTurns: 1)
  }

  /// base^exponent, off by at most 0.82 ulp.
  @inlinable
  @inline(__always)
  public static func pow(_ base: Float, _ exponent: Float) -> Float {
    raised(base, to: exponent)
  }

  /// `condition ? a : b` without a branch.
  @inlinable
  @inline(__always)
  public static func select(_ condition: Bool, _ a: Float, _ b: Float) -> Float {
    masked(condition, a, b)
  }

  /// The maximum of some numbers.
  @inlinable
  @inline(__always)
  public static func maximum(_ numbers: UnsafePointer<Float>, count: Int) -> Float {
    maximumInOrder(numbers, count: count)
  }

  /// Whether some numbers all lie in a range. From 0 on, the order of numbers is that of their bits,
  /// where negative ones and NaN come last.
  public static func areInside(
    _ numbers: UnsafePointer<Float>, count: Int, low: Float, high: Float
  ) -> Bool {
    if low == 0 {
      var largest: UInt32 = 0
      for i in 0..<count { largest = Swift.max(largest, numbers[i].bitPattern) }
      return largest <= high.bitPattern
    }
    var signs: UInt32 = 0
    for i in 0..<count {
      signs |= (numbers[i] - low).bitPattern | (high - numbers[i]).bitPattern
    }
    return signs & ~0x7fff_ffff == 0
  }

  /// Whether each of some numbers is one of two, by their bits.
  public static func areEither(
    _ numbers: UnsafePointer<Float>, count: Int, _ first: Float, _ second: Float
  ) -> Bool {
    var bits: UInt32 = 0
    let one = second.bitPattern
    if first == -second {
      for i in 0..<count { bits |= numbers[i].bitPattern ^ one }
      return bits & 0x7fff_ffff == 0
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
    _ numbers: UnsafePointer<Float>, count: Int, _ scale: ExponentialScale<Float>,
    into out: UnsafeMutablePointer<Float>
  ) -> Float {
    exponentialsInOrder(numbers, count: count, scale, into: out)
  }

  /// 2^-23, the distance from 1 to the next larger number.
  @inlinable
  @inline(__always)
  public static var machineEpsilon: Float { ulpOfOne }

  /// The same number as a `Double`, exactly.
  @inlinable
  @inline(__always)
  public var asDouble: Double { Double(self) }
}

extension Float: Elementary {
  @inlinable
  @inline(__always)
  static var rounder: Float { 0x1.8p23 + 254 }

  @inlinable
  @inline(__always)
  static var exponentialRange: (low: Float, high: Float) { (-104, 89) }

  @inlinable
  @inline(__always)
  static var log2OfE: Float { 1.44269504 }

  @inlinable
  @inline(__always)
  static var ln2: (high: Float, low: Float) { (0x1.62e4p-1, 0x1.7f7d1cp-20) }

  @inlinable
  @inline(__always)
  static func exponentValue(_ field: UInt32) -> Float { Float(Int32(bitPattern: field)) }

  @inlinable
  @inline(__always)
  static var exponentUnit: Float { 0x1p23 }

  @inlinable
  @inline(__always)
  static var ln2PerExponentUnit: (high: Float, low: Float?) {
    #if LOSSES_FMA
      (0x1.62e430p-24, nil)
    #else
      (ln2.high / exponentUnit, ln2.low / exponentUnit)
    #endif
  }

  @inlinable
  @inline(__always)
  static var rootHalfBits: UInt32 { 0x3f35_04f3 }

  /// Relative to e^r the error is below 2^-28.
  @inlinable
  @inline(__always)
  static func exponentialSeries(_ r: Float) -> Float {
    Polynomial.four(r, 0x1.5554a4p-3, 0x1.55568ap-5, 0x1.122f1ep-7, 0x1.6b6bd4p-10)
  }

  /// Relative to the logarithm the error is below 2^-28.
  @inlinable
  @inline(__always)
  static func logarithmSeries(_ z: Float) -> Float {
    Polynomial.three(z, 0x1.5555b4p-1, 0x1.992a1ep-2, 0x1.36f902p-2)
  }

  /// The relative error is below 2^-26.
  @inlinable
  @inline(__always)
  static func logCoshSeries(_ w: Float) -> Float {
    let upper = Polynomial.three(w, -0x1.b6fe90p-8, 0x1.07f48cp-9, -0x1.c25778p-12)
    return Polynomial.four(w, 0.5, -0x1.555508p-4, 0x1.6bfd6ap-6, upper)
  }

  @inlinable
  @inline(__always)
  static var piParts: (high: Float, low: Float) { (0x1.921fb6p1, -0x1.777a5cp-24) }

  /// Relative to the arctangent the error is below 2^-29.
  @inlinable
  @inline(__always)
  static func arctangentSeries(_ w: Float) -> Float {
    let upper = Polynomial.three(w, 0x1.bac7e4p-4, -0x1.34187ep-4, 0x1.0bac12p-5)
    return Polynomial.four(w, -0x1.555546p-2, 0x1.999212p-3, -0x1.23f30ep-3, upper)
  }

  /// Relative to the sine the error is below 2^-27.
  @inlinable
  @inline(__always)
  static func sineSeries(_ w: Float) -> Float {
    Polynomial.three(w, -0x1.4abbbep2, 0x1.465facp1, -0x1.2db5d0p-1)
  }

  /// Relative to the cosine the error is below 2^-31.
  @inlinable
  @inline(__always)
  static func cosineSeries(_ w: Float) -> Float {
    Polynomial.four(w, -0x1.3bd3ccp2, 0x1.03c1b0p2, -0x1.55b2b6p0, 0x1.d4f7eep-3)
  }
}
