/// A sum accumulated in twice the precision of `Double`; its order is the caller's.
public struct WideSum: Sendable {
  @usableFromInline var high: Double = 0
  @usableFromInline var low: Double = 0

  /// The empty sum, 0.
  @inlinable
  public init() {}

  /// Adds one number.
  @inlinable
  public mutating func add(_ x: Double) {
    add(x, 0)
  }

  /// Adds another sum.
  @inlinable
  public mutating func add(_ other: WideSum) {
    add(other.high, other.low)
  }

  /// The sum, rounded once.
  @inlinable
  public var value: Double { high }

  @inlinable
  mutating func add(_ x: Double, _ tail: Double) {
    let sum = high + x
    let part = sum - high
    let lost = (high - (sum - part)) + (x - part)
    let rest = lost + (low + tail)
    high = sum + rest
    low = rest - (high - sum)
    // Infinity minus infinity above would turn an infinite sum into NaN.
    if !sum.isFinite || !high.isFinite {
      high = sum
      low = 0
    }
  }
}
