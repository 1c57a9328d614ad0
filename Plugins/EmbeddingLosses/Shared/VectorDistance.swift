public import LossCore

/// How far two vectors are from each other.
@usableFromInline protocol VectorDistance<S> {
  associatedtype S: LossScalar
  /// The distance.
  var value: Double { get }
  /// Adds the gradients with respect to both vectors, times `scale`, where they are wanted.
  func addGradients(
    _ left: UnsafeMutablePointer<S>?, _ right: UnsafeMutablePointer<S>?, scale: S)
}

extension PowerDistance: VectorDistance {}

/// The sum of squared differences.
@usableFromInline struct SquaredDistance<S: LossScalar>: VectorDistance {
  @usableFromInline let x: UnsafePointer<S>
  @usableFromInline let y: UnsafePointer<S>
  @usableFromInline let count: Int
  @usableFromInline let value: Double

  @inlinable
  init(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int) {
    self.x = x
    self.y = y
    self.count = count
    value = RowMath.wideSum(count: count) { i in
      let difference = Double(x[i]) - Double(y[i])
      return difference * difference
    }
  }

  @inlinable
  func addGradients(
    _ left: UnsafeMutablePointer<S>?, _ right: UnsafeMutablePointer<S>?, scale: S
  ) {
    guard scale != 0 else { return }
    if let left { for i in 0..<count { left[i] += 2 * scale * (x[i] - y[i]) } }
    if let right { for i in 0..<count { right[i] += 2 * scale * (y[i] - x[i]) } }
  }
}

/// What the cosine lacks to 1.
@usableFromInline struct CosineDistance<S: LossScalar>: VectorDistance {
  @usableFromInline let angle: Angle<S>
  @inlinable var value: Double { 1 - angle.cosine }

  @inlinable
  init(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int) {
    angle = Angle(x, y, count: count)
  }

  @inlinable
  func addGradients(
    _ left: UnsafeMutablePointer<S>?, _ right: UnsafeMutablePointer<S>?, scale: S
  ) {
    angle.addGradients(left, right, scale: -scale)
  }
}
