public import LossCore

/// How far two vectors are from each other.
@usableFromInline protocol VectorDistance<S> {
  associatedtype S: LossScalar
  /// The distance.
  var value: Double { get }
  /// Its derivatives by an element of each vector, times `scale`, which is not 0.
  func slopes(_ x: S, _ y: S, times scale: S) -> (S, S)
}

extension VectorDistance {
  /// Writes the gradients with respect to both vectors, times `scale`, where they are wanted; that of
  /// the first is added to what is there if `addsFirst` says so.
  @inlinable @inline(__always)
  func writeGradients(
    of vectors: (UnsafePointer<S>, UnsafePointer<S>), count: Int,
    _ first: UnsafeMutablePointer<S>?, addsFirst: Bool = false, _ second: UnsafeMutablePointer<S>?,
    scale: S
  ) {
    let (x, y) = vectors
    guard scale != 0 else {
      if !addsFirst { first?.update(repeating: 0, count: count) }
      second?.update(repeating: 0, count: count)
      return
    }
    if let first, let second {
      for i in 0..<count {
        let slopes = slopes(x[i], y[i], times: scale)
        first[i] = slopes.0 + S.select(addsFirst, first[i], 0)
        second[i] = slopes.1
      }
    } else if let first {
      for i in 0..<count {
        first[i] = slopes(x[i], y[i], times: scale).0 + S.select(addsFirst, first[i], 0)
      }
    } else if let second {
      for i in 0..<count { second[i] = slopes(x[i], y[i], times: scale).1 }
    }
  }
}

/// The sum of squared differences.
@usableFromInline struct SquaredDistance<S: LossScalar>: VectorDistance {
  @usableFromInline let value: Double

  @inlinable
  init(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int) {
    value = RowMath.wideSumOfSquares(count: count) { Double(x[$0]) - Double(y[$0]) }
  }

  @inlinable @inline(__always)
  func slopes(_ x: S, _ y: S, times scale: S) -> (S, S) {
    let slope = 2 * scale * (x - y)
    return (slope, 0 - slope)
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

  @inlinable @inline(__always)
  func slopes(_ x: S, _ y: S, times scale: S) -> (S, S) { angle.slopes(x, y, times: -scale) }
}
