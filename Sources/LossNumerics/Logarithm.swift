extension Float {
  /// log(x (1 + correction)) for a correction of at most one rounding error.
  @inlinable
  @inline(__always)
  static func logarithm(_ x: Float, correction: Float) -> Float {
    let isSubnormal = x < .leastNormalMagnitude
    let bits = (isSubnormal ? x * 0x1p23 : x).bitPattern
    // Counted from sqrt(1/2) the exponent field changes where the mantissa should wrap.
    let offset = bits &- 0x3f35_04f3
    let wrapped = Float(Int32(bitPattern: offset) &>> 23)
    let k = wrapped - (isSubnormal ? 23 : 0)
    let f = Float(bitPattern: bits &- (offset & 0xff80_0000)) - 1

    let s = f / (2 + f)
    let z = s * s
    let r = z * Polynomial.three(z, (0x1.55557ap-1, 0x1.995ed4p-2, 0x1.31e0eep-2))
    let small = multiplyAdd(k, 0x1.7f7d1cp-20, correction)
    let result = multiplyAdd(k, 0x1.62e4p-1, f - (s * (f - r) - small))

    let upToInfinity = x < .infinity ? result : x
    let atMostZero: Float = x == 0 ? -.infinity : .nan
    return x > 0 ? upToInfinity : atMostZero
  }

  @inlinable
  @inline(__always)
  public static func log(_ x: Float) -> Float {
    // -0 is the neutral element of addition, so the compiler drops the correction.
    logarithm(x, correction: -0.0)
  }

  @inlinable
  @inline(__always)
  public static func log(onePlus x: Float) -> Float {
    let sum = 1 + x
    let lost = x - (sum - 1)
    return Float(signOf: x, magnitudeOf: logarithm(sum, correction: lost / sum))
  }

  @inlinable
  @inline(__always)
  public static func log(onePlusFraction x: Float) -> Float {
    let s = x / (2 + x)
    let z = s * s
    let r =
      z
      * Polynomial.five(
        z, (0x1.555558p-1, 0x1.9996d8p-2, 0x1.250514p-2, 0x1.b72ad8p-3, 0x1.f090acp-3))
    return x - s * (x - r)
  }
}

extension Double {
  @inlinable
  @inline(__always)
  static func logarithm(_ x: Double, correction: Double) -> Double {
    let isSubnormal = x < .leastNormalMagnitude
    let bits = (isSubnormal ? x * 0x1p54 : x).bitPattern
    let offset = bits &- 0x3fe6_a09e_667f_3bcd
    // SSE2 and AVX2 cannot convert 64-bit integers: biased to be positive, the exponent becomes
    // the low bits of a number above 2^52.
    let biased = (offset &+ 0x3ff0_0000_0000_0000) &>> 52
    let wrapped = Double(bitPattern: biased | 0x4330_0000_0000_0000) - (0x1p52 + 1023)
    let k = wrapped - (isSubnormal ? 54 : 0)
    let f = Double(bitPattern: bits &- (offset & 0xfff0_0000_0000_0000)) - 1

    let s = f / (2 + f)
    let z = s * s
    let p = Polynomial.seven(
      z,
      (
        0x1.5555555555592p-1, 0x1.999999997fefcp-2, 0x1.24924941e49ecp-2, 0x1.c71c52104d2bdp-3,
        0x1.74663e04bcdc1p-3, 0x1.39a1c5fb9e17dp-3, 0x1.2f05595b85afdp-3
      ))
    let r = z * p
    let small = multiplyAdd(k, -0x1.718432a1b0e26p-35, correction)
    let result = multiplyAdd(k, 0x1.62e42ffp-1, f - (s * (f - r) - small))

    let upToInfinity = x < .infinity ? result : x
    let atMostZero: Double = x == 0 ? -.infinity : .nan
    return x > 0 ? upToInfinity : atMostZero
  }

  @inlinable
  @inline(__always)
  public static func log(_ x: Double) -> Double {
    logarithm(x, correction: -0.0)
  }

  @inlinable
  @inline(__always)
  public static func log(onePlus x: Double) -> Double {
    let sum = 1 + x
    let lost = x - (sum - 1)
    return Double(signOf: x, magnitudeOf: logarithm(sum, correction: lost / sum))
  }

  @inlinable
  @inline(__always)
  public static func log(onePlusFraction x: Double) -> Double {
    let s = x / (2 + x)
    let z = s * s
    let p = Polynomial.ten(
      z,
      (
        0x1.5555555555535p-1, 0x1.99999999a074ep-2, 0x1.249249208c75ep-2, 0x1.c71c741c620a0p-3,
        0x1.745cb402c976cp-3, 0x1.3b1ddb343b396p-3, 0x1.1067c85b8383ep-3, 0x1.efd818c0a58fcp-4,
        0x1.55b1e03d04a8dp-4, 0x1.5c7837287f5cfp-3
      ))
    return x - s * (x - z * p)
  }
}
