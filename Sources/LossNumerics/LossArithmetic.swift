/// A number that the value of a loss can be computed in: `Float`, `Double`, and ``DualNumber`` of
/// either, which carries a derivative with it.
///
/// A formula that is written in these operations alone has its derivatives without writing them.
/// Domains, edge cases and errors of the functions are those of ``LossScalar``; the derivatives of
/// dual numbers are those of the function, at a kink the ones that are stated here.
///
/// A comparison compares values. Use ``select(_:_:_:)`` for `condition ? a : b`, so that loops are
/// vectorised.
public protocol LossArithmetic:
  Comparable, SignedNumeric, ExpressibleByFloatLiteral, Sendable
where Magnitude == Self {
  /// The number nearest to an option or another constant.
  init(_ constant: Double)

  /// Positive infinity.
  static var infinity: Self { get }
  /// Not a number.
  static var nan: Self { get }
  /// The distance from 1 to the next larger number.
  static var ulpOfOne: Self { get }
  /// The circle constant π.
  static var pi: Self { get }

  /// Whether the number is 0, and constant where it has a derivative.
  var isConstantZero: Bool { get }

  /// The quotient.
  static func / (a: Self, b: Self) -> Self
  /// The square root; the derivative at 0 is infinite, and 0 where that of the number is 0.
  func squareRoot() -> Self

  /// `condition ? a : b` with both sides computed.
  static func select(_ condition: Bool, _ a: Self, _ b: Self) -> Self

  /// e^x.
  static func exp(_ x: Self) -> Self
  /// e^x - 1, without cancellation near 0.
  static func expMinusOne(_ x: Self) -> Self
  /// e^x - 1 - x, without cancellation near 0.
  static func expRest(_ x: Self) -> Self
  /// The natural logarithm.
  static func log(_ x: Self) -> Self
  /// log(1 + x), exact for a small x.
  static func log(onePlus x: Self) -> Self
  /// log(1 + x) for `x` in `0 ... 1`.
  static func log(onePlusFraction x: Self) -> Self
  /// The softplus log(1 + e^x).
  static func log1pExp(_ x: Self) -> Self
  /// log(1 - e^x) for `x <= 0`.
  static func log1mExp(_ x: Self) -> Self
  /// x log y, and 0 where x is 0. The derivative with respect to x is log y, also at 0.
  static func xlogy(_ x: Self, _ y: Self) -> Self
  /// log(a / b), without cancellation where the two are close.
  static func logRatio(_ a: Self, _ b: Self) -> Self
  /// log((a + offset) / (b + offset)), corrected for the rounding of the sums.
  static func logRatio(_ a: Self, _ b: Self, offset: Self) -> Self
  /// The logistic function 1 / (1 + e^-x).
  static func sigmoid(_ x: Self) -> Self
  /// The hyperbolic tangent.
  static func tanh(_ x: Self) -> Self
  /// log(cosh(x)).
  static func logCosh(_ x: Self) -> Self
  /// The arctangent, in radians.
  static func atan(_ x: Self) -> Self
  /// sin(π x).
  static func sinPi(_ x: Self) -> Self
  /// cos(π x).
  static func cosPi(_ x: Self) -> Self
  /// base^exponent.
  static func pow(_ base: Self, _ exponent: Self) -> Self

  /// `(end - start) / period` as its nearest integer and the rest, in `-½ ... ½`. The integer is
  /// constant.
  static func turns(from start: Self, to end: Self, period: Self) -> (whole: Self, rest: Self)
}

extension LossScalar {
  /// Whether the number is 0.
  @inlinable
  @inline(__always)
  public var isConstantZero: Bool { self == 0 }
}
