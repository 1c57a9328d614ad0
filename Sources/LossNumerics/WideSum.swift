/// A sum carried in twice the precision of `Double`; its order is the caller's.
///
/// The sum is a pair of numbers, the second of which collects exactly what the first has rounded
/// off (D. E. Knuth, *The Art of Computer Programming* 2, 4.2.2, theorem B).
///
/// - Error: n additions are off by at most about n · 2^-104 · Σ|x|, so that ``value`` is the true
///   sum rounded once, unless almost everything cancels.
/// - Edge cases: one infinite term, or several of one sign, give that infinity; both signs, or a
///   NaN, give NaN. A partial sum beyond the largest finite `Double` is infinite for good. The
///   empty sum, and a sum of negative zeros, is +0.
public struct WideSum: Sendable {
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
  public var value: Double { high }

  /// Adds one number.
  @inlinable
  public mutating func add(_ x: Double) {
    add(WideSum(high: x, low: 0))
  }

  /// Adds the terms of another sum.
  @inlinable
  public mutating func add(_ other: WideSum) {
    self = Self.unsettled(self, other).settled
  }

  /// The sum of two, exact but for the rounding of the small parts, which are not yet folded in.
  @inlinable
  @inline(__always)
  static func unsettled(_ a: WideSum, _ b: WideSum) -> WideSum {
    let sum = Double.sum(a.high, b.high)
    return WideSum(high: sum.rounded, low: sum.lost + (a.low + b.low))
  }

  /// The same sum with `high` as its nearest `Double`.
  @inlinable
  @inline(__always)
  var settled: WideSum {
    let nearest = high + low
    let rest = low - (nearest - high)
    // With an infinite sum "what was rounded off" is infinity minus infinity.
    let isFinite = rest.isFinite
    return WideSum(
      high: Double.select(isFinite, nearest, high),
      low: Double.select(isFinite, rest, 0)
    )
  }
}
