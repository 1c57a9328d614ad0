import LossCore

/// A distance between two vectors.
protocol VectorDistance<S> {
  associatedtype S: LossScalar
  /// The distance.
  var value: Double { get }
  /// Its derivatives with respect to an element of each vector, times `scale`, which is not 0.
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S)
  /// Writes the requested gradients of both vectors, times `scale`.
  func write(_ gradients: PairGradients<S>, scale: S)
}

extension VectorDistance {
  @inline(__always)
  func write(_ gradients: PairGradients<S>, scale: S) {
    gradients.write { derivatives($0, $1, times: scale) }
  }

  /// Writes the requested gradients of both vectors, times `scale`; with `addsFirst` that of the
  /// first is accumulated.
  @inline(__always)
  func writeGradients(
    of vectors: (UnsafePointer<S>, UnsafePointer<S>), count: Int,
    _ first: UnsafeMutablePointer<S>?, addsFirst: Bool = false, _ second: UnsafeMutablePointer<S>?,
    scale: S
  ) {
    guard first != nil || second != nil else { return }
    guard scale != 0 else {
      if !addsFirst { first?.update(repeating: 0, count: count) }
      second?.update(repeating: 0, count: count)
      return
    }
    write(
      PairGradients(
        vectors: vectors, count: count, first: first, addsFirst: addsFirst, second: second),
      scale: scale)
  }
}

/// The memory of the gradients of two vectors.
struct PairGradients<S: LossScalar> {
  let vectors: (UnsafePointer<S>, UnsafePointer<S>)
  let count: Int
  let first: UnsafeMutablePointer<S>?
  /// Whether the gradient of the first is accumulated.
  let addsFirst: Bool
  let second: UnsafeMutablePointer<S>?

  @inline(__always)
  init(
    vectors: (UnsafePointer<S>, UnsafePointer<S>), count: Int, first: UnsafeMutablePointer<S>?,
    addsFirst: Bool, second: UnsafeMutablePointer<S>?
  ) {
    self.vectors = vectors
    self.count = count
    self.first = first
    self.addsFirst = addsFirst
    self.second = second
  }

  /// Writes the derivatives with respect to each element of both vectors.
  @inline(__always)
  func write(_ derivatives: (S, S) -> (S, S)) {
    let (x, y) = vectors
    if let first, let second {
      for i in 0..<count {
        let derivatives = derivatives(x[i], y[i])
        first[i] = derivatives.0 + S.select(addsFirst, first[i], 0)
        second[i] = derivatives.1
      }
    } else if let first {
      for i in 0..<count {
        first[i] = derivatives(x[i], y[i]).0 + S.select(addsFirst, first[i], 0)
      }
    } else if let second {
      for i in 0..<count { second[i] = derivatives(x[i], y[i]).1 }
    }
  }
}

/// The sum of squared differences.
struct SquaredDistance<S: LossScalar>: VectorDistance {
  let value: Double

  init(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int) {
    value = RowMath.compensatedSumOfSquares(count: count) { Double(x[$0]) - Double(y[$0]) }
  }

  @inline(__always)
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S) {
    let derivative = 2 * scale * (x - y)
    return (derivative, 0 - derivative)
  }
}

/// The cosine distance, 1 - cos.
struct CosineDistance<S: LossScalar>: VectorDistance {
  let angle: Angle<S>
  var value: Double { 1 - angle.cosine }

  init(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int) {
    angle = Angle(x, y, count: count)
  }

  @inline(__always)
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S) {
    angle.derivatives(x, y, times: -scale)
  }

  @inline(__always)
  func write(_ gradients: PairGradients<S>, scale: S) {
    if let fused = FusedGradient(angle, times: -scale) {
      gradients.write { fused($0, $1) }
    } else {
      gradients.write { derivatives($0, $1, times: scale) }
    }
  }
}
