import LossCore

extension Law {
  /// Compares second derivatives with central differences of the gradient.
  static let secondDerivativeIsDerivative = Law(
    "second-derivative-is-derivative",
    "Every second derivative agrees with central differences of the gradient, except at its kinks.",
    distributions: [.ordinary], shapes: [.batch]
  ) { (trial) throws(LossError) in
    let roles = trial.subject.loss.rolesWithSecondDerivative.filter {
      trial.inputs[$0]?.element == .float64
    }
    guard !roles.isEmpty else { return .notApplicable }
    for role in roles {
      let numbers = trial.numbers(role)
      let found = try trial.secondDerivatives(of: role)
      guard found.count == numbers.count else {
        return .failed("the second derivative of \(role) has \(found.count) numbers")
      }
      let largest = found.map(\.magnitude).max() ?? 0
      for index in numbers.indices {
        func derivative(_ step: Double) throws(LossError) -> Double {
          var moved = numbers
          moved[index] += step
          let other = trial.replacing(role, with: moved)
          let derivatives = try trial.evaluate(.mean, other, gradientsOf: [role], upstream: [1.5])
            .derivatives
          return derivatives[role]?[index] ?? .nan
        }
        let central = try CentralDifference(step: 1e-3, derivative)
        // If the quotients of the two steps disagree, the gradient has a kink here.
        let scale = max(central.narrow.magnitude, largest / 1000, 1e-9)
        guard central.disagreement <= 1e-3 * max(scale, largest) else { continue }
        if (found[index] - central.derivative).magnitude <= 1e-6 * scale { continue }
        return .failed(
          "the second derivative of \(role) is \(found[index]) at \(index);"
            + " central differences of the gradient give \(central.derivative)")
      }
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The second derivatives of the mean, for an upstream other than 1.
  fileprivate func secondDerivatives(of role: Role) throws(LossError) -> [Double] {
    let result = try subject.loss.evaluate(
      inputs, secondDerivativesOf: [role], reduction: Reduction(.mean, whenEmpty: .zero),
      upstream: .float64(Tensor(1.5)))
    return result.secondDerivatives[role]?.doubles ?? []
  }
}
