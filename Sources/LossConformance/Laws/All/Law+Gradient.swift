import LossCore

extension Law {
  /// Gradients against central differences.
  static let gradientIsDerivative = Law(
    "gradient-is-derivative",
    "Every gradient agrees with central differences; at a kink it lies between the two sides.",
    distributions: [.ordinary, .ties], settings: [.batch]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.gradientIsDerivative else { return .notApplicable }
    let kind = trial.subject.loss.defaultReduction.kind
    let count = try trial.evaluate(kind).value.shape.count
    // Factors that differ from 1, and from term to term, show whether the upstream is applied.
    let factors = (0..<count).map { 1.5 - 0.25 * Double($0 % 5) }
    let roles = trial.differentiable
    guard !roles.isEmpty else { return .notApplicable }
    let derivatives = try trial.evaluate(kind, gradientsOf: roles, upstream: factors).derivatives
    var worst = 0.0
    for role in roles {
      let gradient = derivatives[role] ?? []
      var quotients = try DifferenceQuotients(trial, role, kind, factors)
      if let failureMessage = quotients.failureMessage(about: gradient, role) {
        return .failed(failureMessage)
      }
      worst = max(worst, quotients.worst)
    }
    return .near(worst)
  }
}

/// The difference quotients of a value by some numbers of one role.
private struct DifferenceQuotients {
  /// The quotients at one place.
  private struct Place {
    let index: Int
    /// From the right and from the left, each of second order.
    let sides: (Double, Double)
    /// Central, with the whole step and with half of it.
    let central: CentralDifference
    /// The second derivative to the right and to the left.
    let secondDerivatives: (Double, Double)
    /// The smallest and the largest slope of a chord.
    let chords: (Double, Double)
    /// Whether the value itself jumps, so that it has no slope.
    let isJump: Bool
  }

  private var places: [Place] = []
  /// The largest difference that `failureMessage` found where there is a derivative, relative to it or to
  /// a thousandth of the largest.
  private(set) var worst = 0.0
  private static let step = 1e-3
  /// More places than this of one role tell little more and cost much.
  private static let limit = 12

  init(
    _ trial: PropertyTrial, _ role: Role, _ kind: Reduction.Kind, _ factors: [Double]
  ) throws(LossError) {
    let numbers = trial.numbers(role)
    let h = Self.step
    let stride = max(1, (numbers.count + Self.limit - 1) / Self.limit)
    let start = stride == 1 ? 0 : Int(trial.seed % UInt64(stride))
    for index in Swift.stride(from: start, to: numbers.count, by: stride) {
      func value(_ step: Double) throws(LossError) -> Double {
        var moved = numbers
        moved[index] += step
        let result = try trial.evaluate(kind, trial.replacing(role, with: moved))
        return zip(result.value.doubles, factors).map(*).reduce(0, +)
      }
      let middle = try value(0)
      let right = try (value(h / 2), value(h))
      let left = try (value(-h / 2), value(-h))
      let chords = [
        (right.0 - middle) / h * 2, (right.1 - middle) / h, (middle - left.0) / h * 2,
        (middle - left.1) / h,
      ]
      guard middle.isFinite, chords.allSatisfy(\.isFinite) else { continue }
      places.append(
        Place(
          index: index,
          sides: (
            (4 * right.0 - right.1 - 3 * middle) / h, -(4 * left.0 - left.1 - 3 * middle) / h
          ),
          central: CentralDifference(
            wide: (right.1 - left.1) / (2 * h), narrow: (right.0 - left.0) / h),
          secondDerivatives: (
            4 * (right.1 - 2 * right.0 + middle) / (h * h),
            4 * (left.1 - 2 * left.0 + middle) / (h * h)
          ),
          chords: (chords.min() ?? 0, chords.max() ?? 0),
          isJump: [right, left].contains { near, far in
            // Half the way to a jump is the whole of it.
            (near - middle).magnitude > max(0.01, 0.9 * (far - middle).magnitude)
          }))
    }
  }

  mutating func failureMessage(about gradient: [Double], _ role: Role) -> String? {
    let largest = places.map(\.central.narrow.magnitude).max() ?? 0
    for place in places where !place.isJump {
      guard gradient.indices.contains(place.index) else {
        return "the gradient of \(role) has \(gradient.count) numbers"
      }
      let found = gradient[place.index]
      let central = place.central
      let (right, left) = place.sides
      let scale = max(central.narrow.magnitude, largest / 1000, 1e-6)
      let isKink =
        max((right - left).magnitude, central.disagreement) > 1e-3 * max(scale, largest)
      if isKink {
        let room = 1e-2 * max(scale, largest)
        let (low, high) = (min(place.chords.0, right, left), max(place.chords.1, right, left))
        if found >= low - room, found <= high + room { continue }
        return "the gradient of \(role) is \(found) at \(place.index), a kink;"
          + " the slopes of both sides are \(left) and \(right)"
      }
      // Where the curvature jumps central differences are off, and those of both sides are right.
      let bends = (place.secondDerivatives.0 - place.secondDerivatives.1).magnitude
      let secondDerivative = max(
        place.secondDerivatives.0.magnitude, place.secondDerivatives.1.magnitude)
      let isEven = bends <= 0.05 * secondDerivative + 1e-6 * max(1, largest)
      let expected = isEven ? central.derivative : (left + right) / 2
      let room = isEven ? 1e-6 * scale : 1e-3 * max(scale, largest)
      if isEven { worst = max(worst, (found - expected).magnitude / scale) }
      // A kink too small to tell from curvature is one all the same.
      if found >= min(expected, left, right) - room, found <= max(expected, left, right) + room {
        continue
      }
      return "the gradient of \(role) is \(found) at \(place.index);"
        + " differences of the value give \(expected)"
    }
    return nil
  }
}
