/// A floating-point type in which losses are computed: `Float` or `Double`.
///
/// The requirements are the functions that numerically stable formulas are built from. They have no
/// branches and are inlined, so that the compiler vectorises the loops that use them on every
/// instruction set. They never trap, need no math library, and give the same bits on every machine
/// as long as the build does not set `LOSSES_FMA`.
///
/// Errors are the largest measured ones, in units in the last place (ulp) of the true value: for
/// `Float` over every number of the domain; for `Double` over some 10^7 numbers, distributed
/// uniformly, logarithmically, and around 0 and 1, against 64-bit significands; with and without
/// fused operations.
public protocol LossScalar:
  LossArithmetic, BinaryFloatingPoint, SIMDScalar, Codable, LosslessStringConvertible
{
  /// The exponential e^x.
  ///
  /// - Domain: every number. Overflows to infinity and underflows gradually to 0.
  /// - Edge cases: -∞ gives 0, ∞ gives ∞, NaN gives NaN.
  /// - Error: 0.89 ulp for `Float`, 0.87 for `Double`.
  static func exp(_ x: Self) -> Self

  /// The divisor of ``exp(_:_:)`` for numbers up to `largest`.
  ///
  /// - Domain: every number. For ∞, smaller numbers have the exponential 0 and ∞ has NaN; for -∞
  ///   and NaN, all have NaN.
  static func scale(below largest: Self) -> ExponentialScale<Self>

  /// e^x divided by the scale: by a power of two and, if the largest number is far from 0, by its
  /// exponential as well.
  ///
  /// This is faster than ``exp(_:)`` of the difference to the largest number, and has no rounding
  /// error from that difference. It neither overflows nor underflows: a number is mapped to 0 where
  /// `exp` of the difference would round to 0.
  ///
  /// - Domain: numbers not above the largest of the scale.
  /// - Edge cases: -∞ gives 0, NaN gives NaN.
  /// - Error: 0.86 ulp for `Float`, 0.99 for `Double`, over 10^7 numbers below 4000 scales.
  static func exp(_ x: Self, _ scale: ExponentialScale<Self>) -> Self

  /// e^x - 1, without cancellation near 0.
  ///
  /// - Domain: every number.
  /// - Edge cases: ±0 gives ±0, -∞ gives -1, ∞ gives ∞, NaN gives NaN.
  /// - Error: 1.04 ulp for `Float`, 1.12 for `Double`.
  static func expMinusOne(_ x: Self) -> Self

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

  /// `condition ? a : b` with both sides computed, for use inside a formula.
  ///
  /// The Swift optimizer treats a ternary operator as a branch: it moves computation into the
  /// branch and merges it with other branches, and the loop around it is no longer vectorised.
  static func select(_ condition: Bool, _ a: Self, _ b: Self) -> Self

  /// The maximum of some numbers, in a vectorised loop.
  ///
  /// - Edge cases: NaN if one is NaN; -∞ for a count of 0. Of zeros of both signs, +0.
  static func maximum(_ numbers: UnsafePointer<Self>, count: Int) -> Self

  /// Whether some numbers all lie in a range, in a vectorized pass. It may say no where they do: for
  /// -0, for a range up to ∞ that holds ∞; a NaN may pass.
  static func areInside(
    _ numbers: UnsafePointer<Self>, count: Int, low: Self, high: Self
  ) -> Bool

  /// Whether each of some numbers is one of two, in a vectorized pass; a NaN is not.
  static func areEither(
    _ numbers: UnsafePointer<Self>, count: Int, _ first: Self, _ second: Self
  ) -> Bool

  /// Writes ``exp(_:_:)`` of some numbers, in a vectorised loop, and returns their maximum.
  ///
  /// - Edge cases: the maximum is unspecified if one is NaN; -∞ for a count of 0.
  static func exponentials(
    _ numbers: UnsafePointer<Self>, count: Int, _ scale: ExponentialScale<Self>,
    into out: UnsafeMutablePointer<Self>
  ) -> Self

  /// The distance from 1 to the next larger number: 2^-23 for `Float`, 2^-52 for `Double`.
  static var machineEpsilon: Self { get }

  /// The same number as a `Double`, exactly.
  var asDouble: Double { get }
}
