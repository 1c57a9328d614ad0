/// A number that the value of a loss can be computed in: `Float`, `Double`, and ``DualNumber`` of
/// either, which carries a derivative with it.
///
/// A formula that is written in these operations alone has its derivatives without writing them.
/// Errors of the functions are those in `Float` and `Double`, measured as for ``LossScalar``; the
/// derivatives of dual numbers are those of the function, at a kink the ones that ``DualNumber``
/// states.
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
  /// The smallest number above 0 with all digits.
  static var leastNormalMagnitude: Self { get }
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

  /// `condition ? a : b` with both sides computed, for use inside a formula.
  ///
  /// The Swift optimizer treats a ternary operator as a branch: it moves computation into the
  /// branch and merges it with other branches, and the loop around it is no longer vectorised.
  static func select(_ condition: Bool, _ a: Self, _ b: Self) -> Self

  /// weight · x, and 0 where the weight is 0, whatever x is. The derivative with respect to the
  /// weight is x, also there.
  static func product(weight: Self, _ x: Self) -> Self

  /// The exponential e^x.
  ///
  /// - Domain: every number. Overflows to infinity and underflows gradually to 0.
  /// - Edge cases: -∞ gives 0, ∞ gives ∞, NaN gives NaN.
  /// - Error: 0.89 ulp for `Float`, 0.87 for `Double`.
  static func exp(_ x: Self) -> Self
  /// e^x - 1, without cancellation near 0.
  ///
  /// - Domain: every number.
  /// - Edge cases: ±0 gives ±0, -∞ gives -1, ∞ gives ∞, NaN gives NaN.
  /// - Error: 1.04 ulp for `Float`, 1.12 for `Double`.
  static func expMinusOne(_ x: Self) -> Self
  /// e^x - 1 - x, without cancellation near 0.
  static func expRest(_ x: Self) -> Self
  /// The natural logarithm.
  ///
  /// - Domain: `x >= 0`, subnormal numbers included.
  /// - Edge cases: ±0 gives -∞, ∞ gives ∞; a number below zero and NaN give NaN.
  /// - Error: 0.96 ulp for `Float`, 0.89 for `Double`.
  static func log(_ x: Self) -> Self
  /// log(1 + x), without the rounding error of `1 + x`, which would lose a small `x`.
  ///
  /// - Domain: `x >= -1`.
  /// - Edge cases: ±0 gives ±0, -1 gives -∞, ∞ gives ∞; a number below -1 and NaN give NaN.
  /// - Error: 0.99 ulp for `Float`, 0.90 for `Double`.
  static func log(onePlus x: Self) -> Self
  /// log(1 + x) for `x` in `0 ... 1`, cheaper than the general ``log(onePlus:)``.
  ///
  /// This is the logarithm in the softplus, where `x` is the exponential of a negative number.
  ///
  /// - Domain: `0 <= x <= 1`. Beyond, the result is unspecified.
  /// - Edge cases: 1 gives exactly the nearest number to ln 2, NaN gives NaN.
  /// - Error: 0.97 ulp for `Float`, 0.93 for `Double`.
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
  ///
  /// - Domain: every number.
  /// - Edge cases: ±0 gives ±0, ±∞ gives ±1, NaN gives NaN.
  /// - Error: 1.95 ulp for `Float`, 1.97 for `Double`.
  static func tanh(_ x: Self) -> Self
  /// log(cosh(x)), without cancellation near 0, where it is x²/2, and without overflow for large
  /// |x|, where it is |x| - ln 2.
  ///
  /// - Domain: every number.
  /// - Edge cases: ±0 gives 0, ±∞ gives ∞, NaN gives NaN.
  /// - Error: 2.56 ulp for `Float`, 2.70 for `Double`.
  static func logCosh(_ x: Self) -> Self
  /// The arctangent, in radians.
  ///
  /// - Domain: every number.
  /// - Edge cases: ±0 gives ±0, ±∞ gives the nearest number to ±π/2, NaN gives NaN.
  /// - Error: 1.15 ulp for `Float`, 1.15 for `Double`.
  static func atan(_ x: Self) -> Self
  /// sin(π x). The argument is reduced exactly, however large.
  ///
  /// - Domain: every finite number.
  /// - Edge cases: ±0 gives ±0, every other integer gives 0; ±∞ and NaN give NaN.
  /// - Error: 1.65 ulp for `Float`, 1.60 for `Double`.
  static func sinPi(_ x: Self) -> Self
  /// cos(π x). The argument is reduced exactly, however large.
  ///
  /// - Domain: every finite number.
  /// - Edge cases: an integer gives exactly ±1, a half-integer gives 0; ±∞ and NaN give NaN.
  /// - Error: 1.61 ulp for `Float`, over every seventh number; 1.60 for `Double`.
  static func cosPi(_ x: Self) -> Self
  /// base^exponent; the exponents 0, 1, 2 and 3 are plain products.
  ///
  /// - Domain: `base >= 0` and a finite exponent; the plain products accept every base.
  /// - Edge cases: x^0 is 1 for every x, including NaN. 0^y is 0 and ∞^y is ∞ for `y > 0`, and vice
  ///   versa for `y < 0`. Otherwise a negative base and NaN give NaN.
  /// - Error: 0.82 ulp for `Float`, 0.78 for `Double`, and 1.29 ulp for the exponent 3, over 10^6
  ///   bases for each of twelve exponents from -1 to 5.
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
