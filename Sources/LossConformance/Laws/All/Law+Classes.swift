import LossCore

extension Law {
  /// The class axis in another place.
  static let classAxisMoves = Law(
    "class-axis-moves",
    "With the class axis first, terms and gradients are those with the class axis last.",
    distributions: [.ordinary, .ties, .extreme], settings: [.batch, .plane, .oneClass]
  ) { (trial) throws(LossError) in
    guard let name = trial.subject.signature.classAxis,
      trial.subject.signature.inputs.contains(where: {
        let axes = trial.axes(of: $0.role)
        return axes.count > 1 && axes.last == .named(name)
      })
    else { return .notApplicable }
    func moved(_ tensor: AnyTensor, _ axes: [LawAxis]) throws(LossError) -> AnyTensor {
      guard axes.count > 1, axes.last == .named(name) else { return tensor }
      return try tensor.permuted([axes.count - 1] + Array(0..<(axes.count - 1)))
    }
    var inputs = LossInputs()
    for (role, tensor) in trial.inputs.tensors {
      inputs[role] = try moved(tensor, trial.axes(of: role))
    }
    let roles = trial.differentiable
    let last = try trial.evaluate(.unreduced, gradientsOf: roles)
    let first = try trial.evaluate(.unreduced, inputs, gradientsOf: roles, classAxis: 0)
    let hasRest = trial.subject.signature.terms.axes.contains(.ellipsis)
    let terms = try hasRest ? moved(last.value, trial.termAxes) : last.value
    if terms.shape != first.value.shape {
      return .failed("the terms have shape \(first.value.shape); expected \(terms.shape)")
    }
    var derivatives: [Role: [Double]] = [:]
    for (role, gradient) in last.gradients {
      derivatives[role] = try moved(gradient, trial.axes(of: role)).doubles
    }
    return LawVerdict(
      Agreement.failureMessage(
        "with the class axis first a term", first.value.doubles, terms.doubles)
        ?? Agreement.failureMessage(
          "with the class axis first an element", first.derivatives, derivatives))
  }

  /// Class indices against the same as numbers.
  static let sparseIsOneHot = Law(
    "sparse-is-one-hot",
    "A target of class indices gives what the same target gives as one-hot numbers.",
    distributions: [.ordinary, .ties, .extreme], settings: [.batch, .plane, .oneClass]
  ) { (trial) throws(LossError) in
    guard let input = trial.subject.signature.inputs.first(where: { $0.isSparseOrDense }),
      case .int64(let indices)? = trial.inputs[input.role],
      case .classIndex(let axis)? = input.encodings.first?.kind,
      let classCount = trial.extent(.named(axis))
    else { return .notApplicable }
    // Numbers cannot name an ignored class.
    if indices.scalars.contains(where: trial.subject.isSpecial) { return .notApplicable }
    let numbers = indices.scalars.flatMap { index in
      (0..<classCount).map { $0 == index ? 1.0 : 0 }
    }
    var dense = trial.inputs
    dense[input.role] = .float64(
      Tensor(trusted: Shape(trusted: indices.shape.extents + [classCount]), numbers))
    let roles = trial.differentiable.filter { $0 != input.role }
    let a = try trial.evaluate(.unreduced, gradientsOf: roles)
    let b = try trial.evaluate(.unreduced, dense, gradientsOf: roles)
    return LawVerdict(
      Agreement.failureMessage("from one-hot numbers a term", b.value.doubles, a.value.doubles)
        ?? Agreement.failureMessage("from one-hot numbers an element", b.derivatives, a.derivatives)
    )
  }
}

extension InputSpecification {
  /// Whether it is class indices, or numbers with the class axis added at the end.
  fileprivate var isSparseOrDense: Bool {
    guard encodings.count == 2, case .classIndex(let axis) = encodings[0].kind,
      encodings[1].kind == .real
    else { return false }
    return encodings[1].axes.axes == encodings[0].axes.axes + [.named(axis)]
  }
}
