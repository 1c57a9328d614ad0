public import LossCore

/// `(Σ |x - y + epsilon|^p + root epsilon)^(1/p)` of two vectors, however long or short they are.
@usableFromInline struct PowerDistance<S: LossScalar> {
  @usableFromInline let x: UnsafePointer<S>
  @usableFromInline let y: UnsafePointer<S>
  @usableFromInline let count: Int
  @usableFromInline let p: Double
  @usableFromInline let epsilon: S
  /// The distance.
  @usableFromInline let value: Double

  @inlinable @inline(__always)
  init(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int, p: Double, epsilon: S,
    rootEpsilon: Double
  ) {
    self.x = x
    self.y = y
    self.count = count
    self.p = p
    self.epsilon = epsilon
    let square =
      p == 2
      ? RowMath.wideSum(count: count) { i in
        let difference = Double(x[i] - y[i] + epsilon)
        return difference * difference
      } + rootEpsilon : .nan
    // Squares that neither overflowed nor lost digits need no scale.
    if square > 0x1p-960, square < .infinity {
      value = square.squareRoot()
    } else {
      value = Self.scaled(x, y, count, p, epsilon, rootEpsilon)
    }
  }

  /// The same of differences divided by the largest of them.
  @inlinable
  static func scaled(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ count: Int, _ p: Double, _ epsilon: S,
    _ rootEpsilon: Double
  ) -> Double {
    let floor = Double.power(rootEpsilon, 1 / p)
    var top = floor
    for i in 0..<count { top = Double.larger(top, Double((x[i] - y[i] + epsilon).magnitude)) }
    guard top > 0, top < .infinity else { return top }
    let sum = RowMath.wideSum(count: count) { i in
      Double.power(Double((x[i] - y[i] + epsilon).magnitude) / top, p)
    }
    return top * Double.power(sum + Double.power(floor / top, p), 1 / p)
  }

  /// Adds the gradients with respect to both vectors, times `scale`, where they are wanted.
  @inlinable
  func addGradients(
    _ left: UnsafeMutablePointer<S>?, _ right: UnsafeMutablePointer<S>?, scale: S
  ) {
    guard value != 0, scale != 0 else { return }
    if p == 2 {
      let length = S(value)
      add(left, right) { difference in difference / length * scale }
    } else if p == 1 {
      add(left, right) { difference in
        S.select(difference > 0, scale, S.select(difference < 0, -scale, difference * scale))
      }
    } else {
      add(left, right) { difference in
        let share = Double.power(Double(difference.magnitude) / value, p - 1)
        return S(share) * (difference < 0 ? -scale : scale)
      }
    }
  }

  @inlinable @inline(__always)
  func add(
    _ left: UnsafeMutablePointer<S>?, _ right: UnsafeMutablePointer<S>?, _ slope: (S) -> S
  ) {
    if let left, let right {
      for i in 0..<count {
        let step = slope(x[i] - y[i] + epsilon)
        left[i] += step
        right[i] -= step
      }
    } else if let left {
      for i in 0..<count { left[i] += slope(x[i] - y[i] + epsilon) }
    } else if let right {
      for i in 0..<count { right[i] -= slope(x[i] - y[i] + epsilon) }
    }
  }
}
