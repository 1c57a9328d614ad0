import LossCore

extension Law {
  /// Compares inputs of half precision with the same numbers in `Float`.
  static let halfPrecisionIsRounded = Law(
    "half-precision-is-rounded",
    "Inputs of half precision give the value of the same numbers in Float, and its gradients"
      + " rounded once.",
    distributions: [.ordinary], shapes: [.batch]
  ) { (trial) throws(LossError) in
    guard !trial.differentiable.isEmpty else { return .notApplicable }
    for element in [ElementType.float16, .bfloat16] {
      if let message = try trial.failureMessage(of: element, trial.inputs, threads: 1) {
        return .failed(message)
      }
    }
    guard trial.subject.explicitOptions.isEmpty, trial.seed == 1, let axis = trial.batchAxis,
      let extent = trial.extent(axis), let leading = trial.leading,
      !(trial.subject.properties.contains(.batchDependent) && trial.termAxes.contains(axis))
    else { return .holds }
    // Enough to be converted in several parts.
    let count = 20_000 / max(1, leading.count / max(1, extent))
    let many = trial.selecting((0..<count).map { $0 % extent }, along: axis)
    return try LawVerdict(trial.failureMessage(of: .bfloat16, many, threads: 2))
  }
}

extension PropertyTrial {
  /// How the results for rounded inputs differ from those of the same numbers in `Float`; nil if
  /// they do not.
  fileprivate func failureMessage(
    of element: ElementType, _ given: LossInputs, threads: Int
  ) throws(LossError) -> String? {
    var (halves, floats) = (given, given)
    for (role, tensor) in given.tensors where tensor.element == .float64 {
      halves[role] = try tensor.cast(to: element)
      floats[role] = halves[role]?.widened
    }
    let roles = differentiable
    for kind in [Reduction.Kind.unreduced, .mean] {
      let expected: LossResult
      do {
        expected = try evaluate(kind, floats, gradientsOf: roles, threads: threads)
      } catch {
        // The rounded numbers are outside the domain, also in Float.
        return nil
      }
      let found = try evaluate(kind, halves, gradientsOf: roles, threads: threads)
      guard found.value.isSame(as: expected.value) else {
        return "the value is \(found.value.doubles.prefix(4)) in \(element.rawValue) and"
          + " \(expected.value.doubles.prefix(4)) in Float"
      }
      for role in roles {
        guard let gradient = found.gradients[role], gradient.element == element,
          let rounded = try expected.gradients[role]?.cast(to: element),
          gradient.isSame(as: rounded)
        else {
          return "the gradient of \(role) in \(element.rawValue) is not that of Float, rounded"
        }
      }
    }
    return nil
  }
}

extension AnyTensor {
  /// Whether shapes and numbers are the same; NaN is the same as NaN.
  fileprivate func isSame(as other: AnyTensor) -> Bool {
    shape == other.shape && element == other.element
      && zip(doubles, other.doubles).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }
}
