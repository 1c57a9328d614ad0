/// A sum carried in twice the precision of `Double`; its order is the caller's.
///
/// The sum is a pair of numbers, the second of which collects exactly what the first has rounded
/// off (D. E. Knuth, *The Art of Computer Programming* 2, 4.2.2, theorem B).
///
/// - Error: n additions are off by at most about n² · 2^-106 · Σ|x|, so that ``value`` is the true
///   sum rounded once, unless almost everything cancels.
/// - Edge cases: one infinite term, or several of one sign, give that infinity; both signs, or a
///   NaN, give NaN. A partial sum beyond the largest finite `Double` is infinite for good. The
///   empty sum, and a sum of negative zeros, is +0.
public struct CompensatedSum: Sendable {
  @usableFromInline var high: Double
  @usableFromInline var low: Double

  @inlinable
  @inline(__always)
  init(high: Double, low: Double) {
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
    // Beside an infinite sum "what was rounded off" is infinity minus infinity.
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
    low += sum.lost + other.low
  }
}
