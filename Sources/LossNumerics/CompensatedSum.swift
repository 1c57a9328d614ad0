/// A compensated sum: a sum in twice the precision of `Double`, added in the order of the caller.
///
/// The sum is a pair of numbers, of which the second collects the exact rounding errors of the
/// first (D. E. Knuth, *The Art of Computer Programming* 2, 4.2.2, theorem B).
///
/// - Error: at most about n² · 2^-106 · Σ|x| for n additions, so that ``value`` is the true sum
///   rounded once, unless almost everything cancels.
/// - Edge cases: one infinite term, or several of one sign, give that infinity; both signs, or a
///   NaN, give NaN. A partial sum beyond the largest finite `Double` is infinite for good. The
///   empty sum, and a sum of negative zeros, is +0.
public struct CompensatedSum: Sendable {
  @usableFromInline package var high: Double
  @usableFromInline package var low: Double

  @inlinable
  @inline(__always)
  package init(high: Double, low: Double) {
    self.high = high
    self.low = low
  }

  /// The empty sum, 0.
  @inlinable
  public init() {
    self.init(high: 0, low: 0)
  }

  /// The sum, rounded to one `Double`.
  @inlinable
  public var value: Double {
    // The rounding error of an infinite sum is infinity minus infinity.
    Double.select(low.isFinite, high + low, high)
  }

  /// Adds one number.
  @inlinable
  public mutating func add(_ x: Double) {
    add(CompensatedSum(high: x, low: 0))
  }

  /// Adds the terms of another sum.
  @inlinable
  public mutating func add(_ other: CompensatedSum) {
    let sum = Double.sum(high, other.high)
    high = sum.rounded
    low += sum.error + other.low
  }
}
