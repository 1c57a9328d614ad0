/// A number of the type that models are trained in: the upper half of a `Float`, with its range and 8
/// bits of precision.
///
/// A type of storage: no loss is computed in it. A loss of such numbers is computed in `Float`, and
/// its gradient rounded once.
@frozen
public struct BFloat16: Hashable, Sendable {
  /// The sign, 8 bits of the exponent, and 7 of the significand.
  public var bitPattern: UInt16

  /// The number with these bits.
  @inlinable
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest number, of two at the same distance the even one. A number beyond the largest
  /// rounds to infinity, and NaN stays NaN.
  @inlinable
  public init(_ number: Float) {
    let bits = number.bitPattern
    // NaN keeps its upper bits. No branch: loops of this are vectorised.
    let isNaN = 0 &- (0x7f80_0000 &- (bits & 0x7fff_ffff)) >> 31
    let rounding = (0x7fff &+ (bits >> 16 & 1)) & ~isNaN
    bitPattern = UInt16(truncatingIfNeeded: (bits &+ rounding) >> 16 | (isNaN & 0x40))
  }

  /// The nearest number, rounded once.
  @inlinable
  public init(_ number: Double) { self.init(Float.roundedToOdd(number)) }

  /// The same number, exactly.
  @inlinable
  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}

extension BFloat16: Comparable, ExpressibleByFloatLiteral, CustomStringConvertible {
  /// Whether the numbers are equal: zeros of both signs are, NaN and NaN are not.
  @inlinable
  public static func == (a: BFloat16, b: BFloat16) -> Bool { a.float == b.float }
  /// Hashes the number: zeros of both signs alike.
  public func hash(into hasher: inout Hasher) { hasher.combine(float) }
  /// Whether the first number is below the second.
  @inlinable
  public static func < (a: BFloat16, b: BFloat16) -> Bool { a.float < b.float }
  /// The nearest number to a literal.
  @inlinable
  public init(floatLiteral value: Double) { self.init(value) }
  /// The number 0.
  @inlinable
  public static var zero: BFloat16 { BFloat16(bitPattern: 0) }
  /// The number as that of the same `Float`.
  public var description: String { float.description }
}

extension Float {
  /// A number from which rounding to fewer bits gives the same as from the original: where a
  /// `Double` lies between two numbers, that with an odd last bit.
  @inlinable
  package static func roundedToOdd(_ number: Double) -> Float {
    let nearest = Float(number)
    guard number.isFinite, Double(nearest) != number else { return nearest }
    let isBeyond = Double(nearest.magnitude) > number.magnitude
    return Float(bitPattern: (nearest.bitPattern &- (isBeyond ? 1 : 0)) | 1)
  }
}
