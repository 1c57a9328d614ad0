/// A floating-point type in which losses are computed: `Float` or `Double`.
///
/// The requirements are the elementary functions that every stable formula is built from. They
/// are branch-free and inlined, so that a loop over them is vectorised by the compiler.
public protocol LossScalar:
  BinaryFloatingPoint, SIMDScalar, Codable, Sendable, LosslessStringConvertible
{
  /// The exponential e^x.
  static func exp(_ x: Self) -> Self

  /// e^x - 1, without the cancellation near 0.
  static func expMinusOne(_ x: Self) -> Self

  /// The natural logarithm.
  static func log(_ x: Self) -> Self

  /// log(1 + x), without the rounding of `1 + x`.
  static func log(onePlus x: Self) -> Self

  /// log(1 + x) for `x` in `0 ... 1` only, at a third of the price of ``log(onePlus:)``.
  static func log(onePlusFraction x: Self) -> Self

  /// The hyperbolic tangent.
  static func tanh(_ x: Self) -> Self

  /// The distance from 1 to the next larger number.
  static var machineEpsilon: Self { get }

  /// The same number as a `Double`; exact.
  var widened: Double { get }
}

extension Float: LossScalar {
  @inlinable
  @inline(__always)
  public static var machineEpsilon: Float { 0x1p-23 }

  @inlinable
  @inline(__always)
  public var widened: Double { Double(self) }
}

extension Double: LossScalar {
  @inlinable
  @inline(__always)
  public static var machineEpsilon: Double { 0x1p-52 }

  @inlinable
  @inline(__always)
  public var widened: Double { self }
}
