import LossCore

extension Law {
  /// Finite inputs of every kind.
  static let neverNaN = Law(
    "never-nan",
    "Finite inputs in the domain, up to the ends of the element's range, give no NaN, neither in a"
      + " term nor in a gradient.",
    distributions: InputDistribution.allCases, settings: [.batch, .single, .oneClass]
  ) { (trial) throws(LossError) in
    let roles = trial.differentiable
    for element in [ElementType.float64, .float32] {
      let inputs =
        element == .float32
        ? trial.inputs.asFloat(upTo: trial.distribution.largestFloat) : trial.inputs
      for kind in [Reduction.Kind.unreduced, .sum] {
        let result = try trial.evaluate(kind, inputs, gradientsOf: roles, in: element)
        // A sum may add infinities of both signs; a term may not be one.
        if kind == .unreduced, let index = result.value.doubles.firstIndex(where: \.isNaN) {
          return .failed("term \(index) is NaN in \(element.rawValue)")
        }
        for (role, gradient) in result.derivatives {
          guard let index = gradient.firstIndex(where: \.isNaN) else { continue }
          return .failed("the gradient of \(role) is NaN at \(index) in \(element.rawValue)")
        }
      }
    }
    return .holds
  }

  /// No samples, and none left.
  static let emptyIsStated = Law(
    "empty-is-stated",
    "Of no samples, or of masked ones only, the sum is 0 and a mean is what the policy says.",
    distributions: [.ordinary], settings: [.none, .batch]
  ) { (trial) throws(LossError) in
    var inputs = trial.inputs
    let shape = try trial.evaluate(.unreduced).value.shape
    if trial.setting == .batch {
      guard trial.subject.signature.maskCovers == .terms else { return .notApplicable }
      inputs[.mask] = .bool(Tensor(repeating: false, shape: shape))
    } else if shape.count > 0 {
      return .notApplicable
    }
    let roles = trial.differentiable
    for kind in [Reduction.Kind.sum, .mean, .batchMean, .weightedMean] {
      let result = try trial.evaluate(kind, inputs, gradientsOf: roles)
      if result.value.doubles != [0] {
        return .failed("the \(kind.rawValue) of nothing is \(result.value.doubles); expected 0")
      }
      for (role, gradient) in result.derivatives where gradient.contains(where: { $0 != 0 }) {
        return .failed("the gradient of \(role) is \(gradient), with nothing that counts")
      }
      guard kind != .sum else { continue }
      let nan = try trial.subject.loss.evaluate(
        inputs, reduction: Reduction(kind, whenEmpty: .nan))
      if !nan.value.doubles.allSatisfy(\.isNaN) {
        return .failed("the \(kind.rawValue) of nothing is \(nan.value.doubles); expected NaN")
      }
      if let failureMessage = trial.failureMessage(
        inputs, "a \(kind.rawValue) of nothing", .emptyInput, subject: nil, Reduction(kind))
      {
        return .failed(failureMessage)
      }
    }
    return .holds
  }
}

extension InputDistribution {
  /// The largest magnitude that its numbers have in `Float`: that of the largest number, or one whose
  /// square there is as well.
  fileprivate var largestFloat: Double {
    self == .ends ? Double(Float.greatestFiniteMagnitude) : 0x1p60
  }
}

extension LossInputs {
  /// The same in `Float`, as far as it reaches.
  fileprivate func asFloat(upTo largest: Double) -> LossInputs {
    var inputs = self
    for (role, tensor) in tensors {
      guard case .float64(let tensor) = tensor else { continue }
      inputs[role] = .float32(tensor.map { Float(max(-largest, min(largest, $0))) })
    }
    return inputs
  }
}
