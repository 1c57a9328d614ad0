import LossCore

/// The distance `(Σ |x - y + epsilon|^p + root epsilon)^(1/p)` of two vectors of any magnitude; with
/// an infinite p the largest `|x - y + epsilon|`.
struct PowerDistance<S: LossScalar, Power: DistancePower>: VectorDistance {
  let power: Power
  let epsilon: S
  /// The distance.
  let value: Double

  @inline(__always)
  init(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int, power: Power, epsilon: S,
    rootEpsilon: Double
  ) {
    self.power = power
    self.epsilon = epsilon
    // A sum that neither overflowed nor lost digits needs no scaling.
    switch power.p {
    case 1:
      let sum =
        RowMath.compensatedSum(count: count) { Double((x[$0] - y[$0] + epsilon).magnitude) }
        + rootEpsilon
      value = sum < .infinity ? sum : Self.scaled(x, y, count, 1, epsilon, rootEpsilon)
    case 2:
      let square =
        RowMath.compensatedSumOfSquares(count: count) { Double(x[$0] - y[$0] + epsilon) }
        + rootEpsilon
      value =
        square > 0x1p-960 && square < .infinity
        ? square.squareRoot() : Self.scaled(x, y, count, 2, epsilon, rootEpsilon)
    default: value = Self.scaled(x, y, count, power.p, epsilon, rootEpsilon)
    }
  }

  /// The distance, from differences divided by the largest of them.
  static func scaled(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ count: Int, _ p: Double, _ epsilon: S,
    _ rootEpsilon: Double
  ) -> Double {
    let floor = Double.pow(rootEpsilon, 1 / p)
    var largest = floor
    for i in 0..<count {
      largest = Double.maximumPropagatingNaN(largest, Double((x[i] - y[i] + epsilon).magnitude))
    }
    guard largest > 0, largest < .infinity else { return largest }
    let sum = RowMath.sum(count: count) { start, count, terms in
      let (x, y) = (x + start, y + start)
      for i in 0..<count {
        terms[i] = Double.pow(Double((x[i] - y[i] + epsilon).magnitude) / largest, p)
      }
    }
    return largest * Double.pow(sum.value + Double.pow(floor / largest, p), 1 / p)
  }

  @inline(__always)
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S) {
    // At a distance of 0 all differences are 0: any divisor gives 0.
    let derivative = power.derivative(x - y + epsilon, of: value == 0 ? 1 : value) * scale
    return (derivative, 0 - derivative)
  }
}

/// The exponent of a p-norm distance.
protocol DistancePower {
  /// The exponent.
  var p: Double { get }
  /// The derivative of a distance with respect to one of its differences.
  func derivative<S: LossScalar>(_ difference: S, of distance: Double) -> S
}

/// The exponent 2 of the Euclidean distance.
struct EuclideanPower: DistancePower {
  init() {}
  var p: Double { 2 }

  @inline(__always)
  func derivative<S: LossScalar>(_ difference: S, of distance: Double) -> S {
    difference / S(distance)
  }
}

/// The exponent 1 of the Manhattan distance, with derivative 0 at the kink.
struct ManhattanPower: DistancePower {
  init() {}
  var p: Double { 1 }

  @inline(__always)
  func derivative<S: LossScalar>(_ difference: S, of distance: Double) -> S {
    S.select(difference > 0, 1, S.select(difference < 0, -1, difference))
  }
}

/// Any other exponent.
struct GeneralPower: DistancePower {
  let p: Double
  init(_ p: Double) { self.p = p }

  @inline(__always)
  func derivative<S: LossScalar>(_ difference: S, of distance: Double) -> S {
    let derivative = S(Double.pow(Double(difference.magnitude) / distance, p - 1))
    return S.select(difference < 0, -derivative, derivative)
  }
}

/// The largest absolute difference of two vectors, the limit of the p-norm for an infinite p.
///
/// Differences of equal largest magnitude share the derivative.
struct LargestDistance<S: LossScalar>: VectorDistance {
  let epsilon: S
  let value: Double
  /// The largest magnitude.
  private let largest: S
  /// The derivative of each difference of that magnitude.
  private let share: S

  @inline(__always)
  init(_ x: UnsafePointer<S>, _ y: UnsafePointer<S>, count: Int, epsilon: S) {
    self.epsilon = epsilon
    var (largest, ties) = (S(0), 0)
    for i in 0..<count {
      let magnitude = (x[i] - y[i] + epsilon).magnitude
      if magnitude == largest { ties += 1 }
      // Also true for NaN, which no other number replaces.
      if !(magnitude <= largest), !largest.isNaN { (largest, ties) = (magnitude, 1) }
    }
    self.largest = largest
    value = largest.asDouble
    share = largest.isNaN ? largest : largest == 0 ? 0 : S(1 / Double(ties))
  }

  @inline(__always)
  func derivatives(_ x: S, _ y: S, times scale: S) -> (S, S) {
    let difference = x - y + epsilon
    let signed = S.select(difference < 0, -share, share) * scale
    // Also the derivative of all differences where one is NaN.
    let derivative = S.select(difference.magnitude < largest, 0, signed)
    return (derivative, 0 - derivative)
  }
}
