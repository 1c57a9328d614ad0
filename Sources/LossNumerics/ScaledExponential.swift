/// The exponential e^x as `mantissa · 2^exponent`, which neither overflows nor underflows.
///
/// - Domain: every number. Beyond ±2^50 the mantissa says nothing beside the exponent's own
///   rounding, and only stays small.
/// - Edge cases: an infinity gives itself as exponent, and a mantissa of NaN; NaN gives NaN.
/// - Error: that of the exponential function.
@frozen
public struct ScaledExponential: Sendable {
  /// A number in about √½ ... √2.
  public let mantissa: Double
  /// A whole number.
  public let exponent: Double

  /// The exponential of a number.
  @inlinable
  @inline(__always)
  public init(_ x: Double) {
    // Added to 1.5 · 2^52 and taken away from it, a number is rounded to a whole one.
    let n = multiplyAdd(x, Double.octavesPerUnit, 0x1.8p52) - 0x1.8p52
    let r = multiplyAdd(-n, Double.ln2.high, x) - n * Double.ln2.low
    let small = Double.clamped(r, -1, 1)
    let square = small * small
    let curve = multiplyAdd(square * small, Double.exponentialSeries(small), square / 2)
    let leading = 1 + small
    mantissa = leading + ((small - (leading - 1)) + curve)
    exponent = n
  }

  /// `mantissa · 2^exponent` as one number, 0 if it is no normal one, for an exponent up to 1023.
  @inlinable
  @inline(__always)
  public static func plain(_ mantissa: Double, _ exponent: Double) -> Double {
    let shifted = Double.select(exponent > -1023, exponent, -1023) + (0x1.8p52 + 1023)
    return mantissa * Double(bitPattern: shifted.bitPattern &<< 52)
  }
}
