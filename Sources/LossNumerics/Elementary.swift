/// A floating-point format, as the elementary functions see it.
///
/// Every algorithm is written once, over this protocol. A format provides its bit pattern, a few
/// constants and six minimax polynomials, which were found by Remez exchange with 60 digits.
@usableFromInline
protocol Elementary: LossScalar {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger

  init(bitPattern: Bits)
  var bitPattern: Bits { get }

  /// 1.5 · 2^significandBitCount + 2 · bias: added to a small number, it leaves in the lowest bits
  /// of the sum the nearest integer plus twice the exponent bias.
  static var rounder: Self { get }

  /// Below `low` e^x rounds to zero, above `high` to infinity.
  static var exponentialRange: (low: Self, high: Self) { get }

  /// log₂ e = 1 / ln 2.
  static var log2OfE: Self { get }

  /// ln 2 in two parts; the first has so few digits that its product with any exponent is exact.
  static var ln2: (high: Self, low: Self) { get }

  /// An exponent field, which may be negative, as a number: the exponent times ``exponentUnit``.
  static func exponentValue(_ field: Bits) -> Self

  /// The value of ``exponentValue(_:)`` for an exponent of 1.
  static var exponentUnit: Self { get }

  /// ln 2 / exponentUnit in two parts, as ``ln2``. There is no second part where the product with
  /// an exponent is fused with the addition that follows, since it would be below the rounding
  /// error.
  static var ln2PerExponentUnit: (high: Self, low: Self?) { get }

  /// The bit pattern of √½.
  static var rootHalfBits: Bits { get }

  /// (e^r - 1 - r - r²/2) / r³ for |r| <= ln 2 / 2.
  static func exponentialSeries(_ r: Self) -> Self

  /// R(z) of log((1 + s) / (1 - s)) = 2 s + s z R(z), for z = s² <= 1/25.
  static func logarithmSeries(_ z: Self) -> Self

  /// log(cosh(√w)) / w for 0 <= w <= 9/16.
  static func logCoshSeries(_ w: Self) -> Self

  /// π in two parts: the nearest number and its rounding error.
  static var piParts: (high: Self, low: Self) { get }

  /// (atan(√w) / √w - 1) / w for 0 <= w <= (9/16)².
  static func arctangentSeries(_ w: Self) -> Self

  /// (sin(π √w) / √w - π) / w for 0 <= w <= 1/16.
  static func sineSeries(_ w: Self) -> Self

  /// (cos(π √w) - 1) / w for 0 <= w <= 1/16.
  static func cosineSeries(_ w: Self) -> Self
}

extension Elementary {
  /// ``LossScalar/select(_:_:_:)`` by a bit mask. Converting the condition to an integer is the
  /// only form that the optimizer does not turn back into a branch.
  @inlinable
  @inline(__always)
  static func masked(_ condition: Bool, _ a: Self, _ b: Self) -> Self {
    let mask = 0 &- Bits(truncatingIfNeeded: unsafeBitCast(condition, to: UInt8.self))
    return Self(bitPattern: (a.bitPattern & mask) | (b.bitPattern & ~mask))
  }
}
