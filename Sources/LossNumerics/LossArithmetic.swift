/// A number that the value of a loss can be computed in: `Float`, `Double`, and ``DualNumber`` of
/// either, which carries a derivative with it.
///
/// A formula that is written in these operations alone has its derivatives without writing them.
/// Domains, edge cases and errors of the functions are those of ``LossScalar``; the derivatives of
/// dual numbers are those of the function, at a kink the ones that are stated here.
///
/// A comparison compares values, and in second derivatives the values just right of a number, so
/// that they are those of the right side at a kink. Use ``select(_:_:_:)`` for `condition ? a : b`, so that loops are
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
  /// Whether the numbers have derivatives.
  static var hasDerivative: Bool { get }
  /// Whether a number is below another just after its variable has grown: `a < b` for numbers
  /// without a derivative.
  static func isBelowOnTheRight(_ a: Self, _ b: Self) -> Bool

  /// The quotient.
  static func / (a: Self, b: Self) -> Self
  /// The square root; the derivative at 0 is infinite, and 0 where that of the number is 0.
  func squareRoot() -> Self

  /// `condition ? a : b` with both sides computed.
  static func select(_ condition: Bool, _ a: Self, _ b: Self) -> Self

  /// weight · x, and 0 where the weight is 0, whatever x is. The derivative with respect to the
  /// weight is x, also there.
  static func product(weight: Self, _ x: Self) -> Self

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
  /// False.
  @inlinable
  @inline(__always)
  public static var hasDerivative: Bool { false }
  /// `a < b`
  @inlinable
  @inline(__always)
  public static func isBelowOnTheRight(_ a: Self, _ b: Self) -> Bool { a < b }
  /// weight · x, and 0 where the weight is 0.
  @inlinable
  @inline(__always)
  public static func product(weight: Self, _ x: Self) -> Self { select(weight == 0, 0, weight * x) }
}
