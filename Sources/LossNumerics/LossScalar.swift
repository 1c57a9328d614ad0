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
  /// The divisor of ``exp(_:_:)`` for numbers up to `largest`.
  ///
  /// - Domain: every number. For ∞, smaller numbers have the exponential 0 and ∞ has NaN; for -∞
  ///   and NaN, all have NaN.
  static func scale(below largest: Self) -> ExponentialScale<Self>

  /// e^x divided by the scale: by a power of two and, if the largest number is far from 0, by its
  /// exponential as well.
  ///
  /// This is faster than ``LossArithmetic/exp(_:)`` of the difference to the largest number, and has no rounding
  /// error from that difference. It neither overflows nor underflows: a number is mapped to 0 where
  /// `exp` of the difference would round to 0.
  ///
  /// - Domain: numbers not above the largest of the scale.
  /// - Edge cases: -∞ gives 0, NaN gives NaN.
  /// - Error: 0.86 ulp for `Float`, 0.99 for `Double`, over 10^7 numbers below 4000 scales.
  static func exp(_ x: Self, _ scale: ExponentialScale<Self>) -> Self

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
