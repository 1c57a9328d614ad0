public import LossCore

/// What an element adds to a size.
@usableFromInline protocol RegionSize: Sendable {
  /// Whether it adds itself.
  static var isPlain: Bool { get }
  static func value<S: LossScalar>(_ x: S) -> S
  static func slope<S: LossScalar>(_ x: S) -> S
}

@usableFromInline enum Plain: RegionSize {
  @inlinable static var isPlain: Bool { true }
  @inlinable @inline(__always)
  static func value<S: LossScalar>(_ x: S) -> S { x }
  @inlinable @inline(__always)
  static func slope<S: LossScalar>(_ x: S) -> S { 1 }
}

@usableFromInline enum Squared: RegionSize {
  @inlinable static var isPlain: Bool { false }
  @inlinable @inline(__always)
  static func value<S: LossScalar>(_ x: S) -> S { x * x }
  @inlinable @inline(__always)
  static func slope<S: LossScalar>(_ x: S) -> S { 2 * x }
}
