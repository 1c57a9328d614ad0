import LossCore

/// Four numbers `mantissa · 2^exponent` in vector lanes.
///
/// The exponent is a whole number in a `Double` of its own, so that nothing underflows: the
/// probability of a prefix has full precision however small it is and however much larger others
/// are. This needs a few more operations than plain numbers, but no logarithm.
///
/// Mantissas may leave their octave; ``normalized`` brings them back and is needed only now and
/// then. Zero is any number whose exponent is far below all others, such as ``zeroExponent``.
struct ScaledLanes {
  typealias Lanes = SIMD4<Double>

  var mantissa: Lanes
  var exponent: Lanes

  /// The exponent of zero: adding an octave has no effect, and sums of thousands stay finite.
  static var zeroExponent: Double { -0x1p1000 }

  @inline(__always)
  init(_ mantissa: Lanes, _ exponent: Lanes) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// a + b
  ///
  /// The sum has the larger exponent; a number 1023 octaves below it is dropped.
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

  /// The numbers divided by 2^unit, for exponents up to unit + 1000.
  @inline(__always)
  func plain(unit: Double) -> Lanes {
    mantissa * Self.pow(exponent - Lanes(repeating: unit))
  }

  /// The same numbers with mantissas in 1 ..< 2, and zeros with the exponent of zero.
  @inline(__always)
  var normalized: Self {
    let bits = unsafeBitCast(mantissa, to: SIMD4<UInt64>.self)
    // The exponent field becomes the lowest bits of 2^52, where a bit is worth 1. Multiplying keeps
    // a NaN, which replacing the field would not.
    let field = (bits &>> 52) | SIMD4(repeating: (0x1p52).bitPattern)
    let octave = unsafeBitCast(field, to: Lanes.self) - (0x1p52 + 1023)
    let top = Self.maximumPropagatingNaN(exponent + octave, Lanes(repeating: Self.zeroExponent))
    return Self(mantissa * Self.pow(-octave), top)
  }

  /// The first number, with a mantissa in √½ ..< √2, so that nothing cancels in the logarithm of a
  /// number near 1; (0, 0) for zero, and NaN for NaN.
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
    // Adding 1.5 · 2^52 puts a whole number, here a biased exponent, into the lowest bits.
    let biased = unsafeBitCast(d + (0x1.8p52 + 1023), to: SIMD4<Int64>.self) &<< 52
    return unsafeBitCast(biased & ~isNegative(d + 1023), to: Lanes.self)
  }

  /// The larger of each pair. Written lane by lane, which compiles to one instruction, as masks of
  /// vectors do not.
  @inline(__always)
  static func maximumPropagatingNaN(_ a: Lanes, _ b: Lanes) -> Lanes {
    func lane(_ index: Int) -> Double { a[index] > b[index] ? a[index] : b[index] }
    return Lanes(lane(0), lane(1), lane(2), lane(3))
  }

  /// All bits set where a number is negative, none elsewhere.
  @inline(__always)
  private static func isNegative(_ numbers: Lanes) -> SIMD4<Int64> {
    unsafeBitCast(numbers, to: SIMD4<Int64>.self) &>> 63
  }
}

extension CompensatedSum {
  /// Subtracts `log(mantissa · 2^exponent)`.
  mutating func subtractLogarithm(mantissa: Double, exponent: Double) {
    // ln 2 in two parts; the first is short enough for exact products with exponents.
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
