import LossCore

extension Law {
  /// Compares gradients with central differences.
  static let gradientIsDerivative = Law(
    "gradient-is-derivative",
    "Every gradient agrees with central differences; at a kink it lies between the one-sided"
      + " derivatives.",
    distributions: [.ordinary, .ties], shapes: [.batch]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.gradientIsDerivative else { return .notApplicable }
    let kind = trial.subject.loss.defaultReduction.kind
    let count = try trial.evaluate(kind).value.shape.count
    // Factors other than 1, and different for each term, show whether the upstream is applied.
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

/// Difference quotients of the value with respect to some elements of one role.
private struct DifferenceQuotients {
  /// The quotients of one element.
  private struct Quotients {
    let index: Int
    /// From the right and from the left, each of second order.
    let sides: (Double, Double)
    /// Central, with the full step and with half the step.
    let central: CentralDifference
    /// The second derivative to the right and to the left.
    let secondDerivatives: (Double, Double)
    /// The smallest and the largest of the one-sided quotients.
    let range: (Double, Double)
    /// Whether the value itself jumps, so that it has no derivative.
    let isJump: Bool
  }

  private var elements: [Quotients] = []
  /// The largest difference found by `failureMessage` at smooth points, relative to the derivative or to
  /// a thousandth of the largest derivative.
  private(set) var worst = 0.0
  private static let step = 1e-3
  /// The maximum number of elements per role; more are slow and find little.
  private static let maximumCount = 12

  init(
    _ trial: PropertyTrial, _ role: Role, _ kind: Reduction.Kind, _ factors: [Double]
  ) throws(LossError) {
    let numbers = trial.numbers(role)
    let h = Self.step
    let stride = max(1, (numbers.count + Self.maximumCount - 1) / Self.maximumCount)
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
      let quotients = [
        (right.0 - middle) / h * 2, (right.1 - middle) / h, (middle - left.0) / h * 2,
        (middle - left.1) / h,
      ]
      guard middle.isFinite, quotients.allSatisfy(\.isFinite) else { continue }
      elements.append(
        Quotients(
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
          range: (quotients.min() ?? 0, quotients.max() ?? 0),
          isJump: [right, left].contains { near, far in
            // A jump is as large at half the step as at the full step.
            (near - middle).magnitude > max(0.01, 0.9 * (far - middle).magnitude)
          }))
    }
  }

  mutating func failureMessage(about gradient: [Double], _ role: Role) -> String? {
    let largest = elements.map(\.central.narrow.magnitude).max() ?? 0
    for element in elements where !element.isJump {
      guard gradient.indices.contains(element.index) else {
        return "the gradient of \(role) has \(gradient.count) numbers"
      }
      let found = gradient[element.index]
      let central = element.central
      let (right, left) = element.sides
      let scale = max(central.narrow.magnitude, largest / 1000, 1e-6)
      let isKink =
        max((right - left).magnitude, central.disagreement) > 1e-3 * max(scale, largest)
      if isKink {
        let tolerance = 1e-2 * max(scale, largest)
        let (low, high) = (min(element.range.0, right, left), max(element.range.1, right, left))
        if found >= low - tolerance, found <= high + tolerance { continue }
        return "the gradient of \(role) is \(found) at \(element.index), a kink;"
          + " the one-sided derivatives are \(left) and \(right)"
      }
      // Where the second derivative jumps, one-sided quotients are more accurate than central ones.
      let (secondRight, secondLeft) = element.secondDerivatives
      let secondDerivativeJump = (secondRight - secondLeft).magnitude
      let secondDerivative = max(secondRight.magnitude, secondLeft.magnitude)
      let isSmooth = secondDerivativeJump <= 0.05 * secondDerivative + 1e-6 * max(1, largest)
      let expected = isSmooth ? central.derivative : (left + right) / 2
      let tolerance = isSmooth ? 1e-6 * scale : 1e-3 * max(scale, largest)
      if isSmooth { worst = max(worst, (found - expected).magnitude / scale) }
      // A kink that is too small to be detected may still separate the one-sided derivatives.
      let bounds = (min(expected, left, right), max(expected, left, right))
      if found >= bounds.0 - tolerance, found <= bounds.1 + tolerance { continue }
      return "the gradient of \(role) is \(found) at \(element.index);"
        + " central differences give \(expected)"
    }
    return nil
  }
}
