import LossCore

extension Law {
  /// Finite inputs of every distribution.
  static let neverNaN = Law(
    "never-nan",
    "Finite inputs in the domain, up to the extremes of the floating-point range, give no NaN in"
      + " terms or gradients.",
    distributions: InputDistribution.allCases, shapes: [.batch, .single, .oneClass]
  ) { (trial) throws(LossError) in
    let roles = trial.differentiable
    for element in [ElementType.float64, .float32] {
      let inputs =
        element == .float32
        ? trial.inputs.asFloat(upTo: trial.distribution.largestFloat) : trial.inputs
      for kind in [Reduction.Kind.unreduced, .sum] {
        let result = try trial.evaluate(kind, inputs, gradientsOf: roles, in: element)
        // A sum may add infinities of both signs, which gives NaN; only terms are checked.
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

  /// No samples, or no unmasked samples.
  static let emptyIsStated = Law(
    "empty-is-stated",
    "With no unmasked samples the sum is 0 and every mean follows when_empty.",
    distributions: [.ordinary], shapes: [.none, .batch]
  ) { (trial) throws(LossError) in
    var inputs = trial.inputs
    let shape = try trial.evaluate(.unreduced).value.shape
    if trial.preset == .batch {
      guard trial.subject.signature.maskCovers == .terms else { return .notApplicable }
      inputs[.mask] = .bool(Tensor(repeating: false, shape: shape))
    } else if shape.count > 0 {
      return .notApplicable
    }
    let roles = trial.differentiable
    for kind in [Reduction.Kind.sum, .mean, .batchMean, .weightedMean] {
      let result = try trial.evaluate(kind, inputs, gradientsOf: roles)
      if result.value.doubles != [0] {
        return .failed("the \(kind.rawValue) of no terms is \(result.value.doubles); expected 0")
      }
      for (role, gradient) in result.derivatives where gradient.contains(where: { $0 != 0 }) {
        return .failed("the gradient of \(role) is \(gradient) without terms; expected 0")
      }
      guard kind != .sum else { continue }
      let nan = try trial.subject.loss.evaluate(
        inputs, reduction: Reduction(kind, whenEmpty: .nan))
      if !nan.value.doubles.allSatisfy(\.isNaN) {
        return .failed("the \(kind.rawValue) of no terms is \(nan.value.doubles); expected NaN")
      }
      if let failureMessage = trial.failureMessage(
        inputs, "a \(kind.rawValue) of no terms", .emptyInput, subject: nil, Reduction(kind))
      {
        return .failed(failureMessage)
      }
    }
    return .holds
  }
}

extension InputDistribution {
  /// The largest magnitude in `Float`: the largest finite number for `ends`, otherwise one whose square
  /// is finite.
  fileprivate var largestFloat: Double {
    self == .ends ? Double(Float.greatestFiniteMagnitude) : 0x1p60
  }
}

extension LossInputs {
  /// The inputs converted to `Float`, clamped to a magnitude.
  fileprivate func asFloat(upTo largest: Double) -> LossInputs {
    var inputs = self
    for (role, tensor) in tensors {
      guard case .float64(let tensor) = tensor else { continue }
      inputs[role] = .float32(tensor.map { Float(max(-largest, min(largest, $0))) })
    }
    return inputs
  }
}
