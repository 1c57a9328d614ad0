import LossCore

/// Four numbers `mantissa · 2^exponent`, side by side.
///
/// The exponent is a whole number in a `Double` of its own, so that nothing underflows: the
/// probability of a prefix is known to full precision however small it is and however much likelier
/// other prefixes are. It costs a few operations more than plain numbers, and no logarithm.
///
/// The mantissa is not kept in an octave: ``settled`` brings it back, and is needed now and then
/// only. 0 is every number whose exponent is far below those of all others, as ``zeroExponent``.
struct ScaledLanes {
  typealias Lanes = SIMD4<Double>

  var mantissa: Lanes
  var exponent: Lanes

  /// The exponent of 0: an octave more or less is rounded off, and sums of thousands are finite.
  static var zeroExponent: Double { -0x1p1000 }

  @inline(__always)
  init(_ mantissa: Lanes, _ exponent: Lanes) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// a + b
  ///
  /// The larger exponent is that of the sum; what falls 1023 octaves below it is rounded off.
  @inline(__always)
  static func + (a: Self, b: Self) -> Self {
    let top = maximumPropagatingNaN(a.exponent, b.exponent)
    let first = a.mantissa * pow(a.exponent - top)
    return Self(first + b.mantissa * pow(b.exponent - top), top)
  }

  /// a + b + c
  @inline(__always)
  static func sum(_ a: Self, _ b: Self, _ c: Self) -> Self {
    let top = maximumPropagatingNaN(maximumPropagatingNaN(a.exponent, b.exponent), c.exponent)
    let first = a.mantissa * pow(a.exponent - top) + b.mantissa * pow(b.exponent - top)
    return Self(first + c.mantissa * pow(c.exponent - top), top)
  }

  @inline(__always)
  static func * (a: Self, b: Self) -> Self {
    Self(a.mantissa * b.mantissa, a.exponent + b.exponent)
  }

  /// The numbers divided by 2^unit, as plain numbers; for exponents up to unit + 1000.
  @inline(__always)
  func plain(unit: Double) -> Lanes {
    mantissa * Self.pow(exponent - Lanes(repeating: unit))
  }

  /// The same numbers with mantissas in 1 ..< 2, and with zeros at their exponent again.
  @inline(__always)
  var settled: Self {
    let bits = unsafeBitCast(mantissa, to: SIMD4<UInt64>.self)
    // The exponent field becomes the lowest bits of 2^52, where a bit is worth 1. A product, other
    // than a change of bits, keeps a NaN.
    let field = (bits &>> 52) | SIMD4(repeating: (0x1p52).bitPattern)
    let octave = unsafeBitCast(field, to: Lanes.self) - (0x1p52 + 1023)
    let top = Self.maximumPropagatingNaN(exponent + octave, Lanes(repeating: Self.zeroExponent))
    return Self(mantissa * Self.pow(-octave), top)
  }

  /// The first number, its mantissa in √½ ..< √2, so that the logarithm of a number near 1 cancels
  /// nothing; (0, 0) for 0, and NaN for NaN.
  var first: (mantissa: Double, exponent: Double) {
    guard exponent[0] > Self.zeroExponent / 2, mantissa[0] > 0 else {
      return (mantissa[0].isNaN || exponent[0].isNaN ? .nan : 0, 0)
    }
    let octaves = exponent[0] + Double(mantissa[0].exponent)
    let part = mantissa[0].significand
    return part * part < 2 ? (part, octaves) : (part / 2, octaves + 1)
  }

  /// 2^d for whole numbers up to 1000, and 0 from -1023 downwards.
  @inline(__always)
  static func pow(_ d: Lanes) -> Lanes {
    // Added to 1.5 · 2^52, a whole number is in the lowest bits: here it is a biased exponent.
    let biased = unsafeBitCast(d + (0x1.8p52 + 1023), to: SIMD4<Int64>.self) &<< 52
    return unsafeBitCast(biased & ~isNegative(d + 1023), to: Lanes.self)
  }

  /// The larger of each pair, lane by lane, of which the compiler makes one instruction; vectors
  /// of masks it takes apart.
  @inline(__always)
  static func maximumPropagatingNaN(_ a: Lanes, _ b: Lanes) -> Lanes {
    func lane(_ index: Int) -> Double { a[index] > b[index] ? a[index] : b[index] }
    return Lanes(lane(0), lane(1), lane(2), lane(3))
  }

  /// All bits where a number is below 0, none elsewhere.
  @inline(__always)
  private static func isNegative(_ numbers: Lanes) -> SIMD4<Int64> {
    unsafeBitCast(numbers, to: SIMD4<Int64>.self) &>> 63
  }
}

extension CompensatedSum {
  /// Subtracts log(mantissa · 2^exponent).
  mutating func subtractLogarithm(mantissa: Double, exponent: Double) {
    // ln 2 in two parts, the first so short that its product with an exponent is exact.
    add(-exponent * 0x1.62e42ffp-1)
    add(exponent * 0x1.718432a1b0e26p-35)
    add(-Double.log(mantissa))
  }
}

extension UnsafeMutablePointer<Double> {
  /// Four numbers from an index on.
  @inline(__always)
  func lanes(_ index: Int) -> SIMD4<Double> {
    UnsafeRawPointer(self + index).loadUnaligned(as: SIMD4<Double>.self)
  }

  /// Stores four numbers from an index on.
  @inline(__always)
  func store(_ lanes: SIMD4<Double>, _ index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: lanes, as: SIMD4<Double>.self)
  }
}
