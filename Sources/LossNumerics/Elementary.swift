/// What the elementary functions need to know of a floating-point format.
///
/// Every algorithm is written once, over this protocol. A format brings its bits, a handful of
/// constants and six minimax polynomials, which were found by Remez exchange in 60 digits.
@usableFromInline
protocol Elementary: LossScalar {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger

  init(bitPattern: Bits)
  var bitPattern: Bits { get }

  /// 1.5 · 2^significandBitCount + 2 · bias: added to a small number, it leaves in the lowest bits
  /// of the sum the nearest integer plus twice the exponent bias.
  static var rounder: Self { get }

  /// Below and above these, e^x rounds to zero and to infinity.
  static var exponentialRange: (low: Self, high: Self) { get }

  /// 1 / ln 2.
  static var octavesPerUnit: Self { get }

  /// ln 2 in two parts, the first so short that its product with any exponent is exact.
  static var ln2: (high: Self, low: Self) { get }

  /// An exponent field, which may be below zero, as a number: its octaves times ``octave``.
  static func count(_ exponent: Bits) -> Self

  /// What ``count(_:)`` makes of an octave.
  static var octave: Self { get }

  /// ln 2 / octave, as ``ln2`` in two parts; in one where its product with any exponent is only
  /// rounded together with what it is added to, and the second would not be seen.
  static var ln2PerCount: (high: Self, low: Self?) { get }

  /// The bit pattern of √½.
  static var rootHalfBits: Bits { get }

  /// (e^r - 1 - r - r²/2) / r³ for |r| <= ln 2 / 2.
  static func exponentialSeries(_ r: Self) -> Self

  /// R(z) of log((1 + s) / (1 - s)) = 2 s + s z R(z), for z = s² <= 1/25.
  static func logarithmSeries(_ z: Self) -> Self

  /// log(cosh(√w)) / w for 0 <= w <= 9/16.
  static func logCoshSeries(_ w: Self) -> Self

  /// π, the angle of half a turn, in two parts: the nearest number and what it lacks.
  static var halfTurn: (high: Self, low: Self) { get }

  /// (atan(√w) / √w - 1) / w for 0 <= w <= (9/16)².
  static func arctangentSeries(_ w: Self) -> Self

  /// (sin(π √w) / √w - π) / w for 0 <= w <= 1/16.
  static func sineSeries(_ w: Self) -> Self

  /// (cos(π √w) - 1) / w for 0 <= w <= 1/16.
  static func cosineSeries(_ w: Self) -> Self
}

extension Elementary {
  /// The choice of ``LossScalar/select(_:_:_:)`` by a mask: the conversion of the condition to an
  /// integer is the one form of it that the optimizer does not turn back into a branch.
  @inlinable
  @inline(__always)
  static func masked(_ condition: Bool, _ a: Self, _ b: Self) -> Self {
    let mask = 0 &- Bits(truncatingIfNeeded: unsafeBitCast(condition, to: UInt8.self))
    return Self(bitPattern: (a.bitPattern & mask) | (b.bitPattern & ~mask))
  }
}
