/// The exponential e^x as `mantissa · 2^exponent`, which neither overflows nor underflows.
///
/// - Domain: every number. Beyond ±2^50 the rounding error of the exponent makes the mantissa
///   meaningless; it only stays small.
/// - Edge cases: ±∞ gives the exponent ±∞ and a mantissa of NaN; NaN gives NaN.
/// - Error: that of the exponential function.
@frozen
public struct ScaledExponential: Sendable {
  /// A number in about √½ ... √2.
  public let mantissa: Double
  /// An integer.
  public let exponent: Double

  /// The exponential of a number.
  @inlinable
  @inline(__always)
  public init(_ x: Double) {
    // Adding and subtracting 1.5 · 2^52 rounds to an integer.
    let n = multiplyAdd(x, Double.log2OfE, 0x1.8p52) - 0x1.8p52
    let r = multiplyAdd(-n, Double.ln2.high, x) - n * Double.ln2.low
    let limited = Double.clamped(r, -1, 1)
    let square = limited * limited
    let tail = multiplyAdd(square * limited, Double.exponentialSeries(limited), square / 2)
    let leading = 1 + limited
    mantissa = leading + ((limited - (leading - 1)) + tail)
    exponent = n
  }

  /// `mantissa · 2^exponent` as one number, or 0 if it is not a normal number; for exponents up to
  /// 1023.
  @inlinable
  @inline(__always)
  public static func plain(_ mantissa: Double, _ exponent: Double) -> Double {
    let shifted = Double.select(exponent > -1023, exponent, -1023) + (0x1.8p52 + 1023)
    return mantissa * Double(bitPattern: shifted.bitPattern &<< 52)
  }
}
