public import LossCore

/// `(Σ |x - y + epsilon|^p + root epsilon)^(1/p)` of two vectors, however long or short they are.
@usableFromInline struct PowerDistance<S: LossScalar, Power: DistancePower>: VectorDistance {
  @usableFromInline let power: Power
  @usableFromInline let epsilon: S
  /// The distance.
  @usableFromInline let value: Double

  @inlinable @inline(__always)
  init(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int, power: Power, epsilon: S,
    rootEpsilon: Double
  ) {
    self.power = power
    self.epsilon = epsilon
    let square =
      power.p == 2
      ? RowMath.wideSumOfSquares(count: count) { Double(x[$0] - y[$0] + epsilon) } + rootEpsilon
      : .nan
    // Squares that neither overflowed nor lost digits need no scale.
    if square > 0x1p-960, square < .infinity {
      value = square.squareRoot()
    } else {
      value = Self.scaled(x, y, count, power.p, epsilon, rootEpsilon)
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

  @inlinable @inline(__always)
  func slopes(_ x: S, _ y: S, times scale: S) -> (S, S) {
    // At a distance of 0 all differences are 0.
    let slope = power.slope(x - y + epsilon, of: value == 0 ? 1 : value) * scale
    return (slope, 0 - slope)
  }
}

/// A power of which distances are made.
@usableFromInline protocol DistancePower {
  /// The power.
  var p: Double { get }
  /// The derivative of a distance by one of its differences.
  func slope<S: LossScalar>(_ difference: S, of distance: Double) -> S
}

/// The power 2, of Euclid's distance.
@usableFromInline struct EuclideanPower: DistancePower {
  @inlinable init() {}
  @inlinable var p: Double { 2 }

  @inlinable @inline(__always)
  func slope<S: LossScalar>(_ difference: S, of distance: Double) -> S {
    difference / S(distance)
  }
}

/// The power 1, of the sum of differences, whose kink has the slope 0.
@usableFromInline struct ManhattanPower: DistancePower {
  @inlinable init() {}
  @inlinable var p: Double { 1 }

  @inlinable @inline(__always)
  func slope<S: LossScalar>(_ difference: S, of distance: Double) -> S {
    S.select(difference > 0, 1, S.select(difference < 0, -1, difference))
  }
}

/// Any other power.
@usableFromInline struct GeneralPower: DistancePower {
  @usableFromInline let p: Double
  @inlinable init(_ p: Double) { self.p = p }

  @inlinable @inline(__always)
  func slope<S: LossScalar>(_ difference: S, of distance: Double) -> S {
    let share = S(Double.power(Double(difference.magnitude) / distance, p - 1))
    return S.select(difference < 0, -share, share)
  }
}
