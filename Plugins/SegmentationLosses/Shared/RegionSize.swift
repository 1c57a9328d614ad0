import LossCore

/// The contribution of an element to a size.
protocol RegionSize: Sendable {
  /// Whether the contribution is the element itself.
  static var isPlain: Bool { get }
  static func value<S: LossArithmetic>(_ x: S) -> S
  static func derivative<S: LossArithmetic>(_ x: S) -> S
}

enum Plain: RegionSize {
  static var isPlain: Bool { true }
  @inline(__always)
  static func value<S: LossArithmetic>(_ x: S) -> S { x }
  @inline(__always)
  static func derivative<S: LossArithmetic>(_ x: S) -> S { 1 }
}

enum Squared: RegionSize {
  static var isPlain: Bool { false }
  @inline(__always)
  static func value<S: LossArithmetic>(_ x: S) -> S { x * x }
  @inline(__always)
  static func derivative<S: LossArithmetic>(_ x: S) -> S { 2 * x }
}
