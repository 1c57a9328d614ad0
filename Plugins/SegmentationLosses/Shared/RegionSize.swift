public import LossCore

/// What an element adds to a size.
@usableFromInline protocol RegionSize: Sendable {
  static func value<S: LossScalar>(_ x: S) -> S
  static func slope<S: LossScalar>(_ x: S) -> S
}

@usableFromInline enum Plain: RegionSize {
  @inlinable @inline(__always)
  static func value<S: LossScalar>(_ x: S) -> S { x }
  @inlinable @inline(__always)
  static func slope<S: LossScalar>(_ x: S) -> S { 1 }
}

@usableFromInline enum Squared: RegionSize {
  @inlinable @inline(__always)
  static func value<S: LossScalar>(_ x: S) -> S { x * x }
  @inlinable @inline(__always)
  static func slope<S: LossScalar>(_ x: S) -> S { 2 * x }
}
