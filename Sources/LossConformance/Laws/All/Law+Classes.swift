import LossCore

extension Law {
  /// Compares the class axis in first and in last position.
  static let classAxisMoves = Law(
    "class-axis-moves",
    "Terms and gradients do not depend on the position of the class axis.",
    distributions: [.ordinary, .ties, .extreme], shapes: [.batch, .plane, .oneClass]
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
    let hasEllipsis = trial.subject.signature.terms.axes.contains(.ellipsis)
    let terms = try hasEllipsis ? moved(last.value, trial.termAxes) : last.value
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

  /// Compares class indices with the equivalent one-hot target.
  static let sparseIsOneHot = Law(
    "sparse-is-one-hot",
    "A target of class indices gives the same result as the equivalent one-hot target.",
    distributions: [.ordinary, .ties, .extreme], shapes: [.batch, .plane, .oneClass]
  ) { (trial) throws(LossError) in
    guard let input = trial.subject.signature.inputs.first(where: { $0.isSparseOrDense }),
      case .int64(let indices)? = trial.inputs[input.role],
      case .classIndex(let axis)? = input.encodings.first?.kind,
      let classCount = trial.extent(.named(axis))
    else { return .notApplicable }
    // A one-hot target cannot express an ignored class.
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
  /// Whether the input is class indices, or numbers with an additional last class axis.
  fileprivate var isSparseOrDense: Bool {
    guard encodings.count == 2, case .classIndex(let axis) = encodings[0].kind,
      encodings[1].kind == .real
    else { return false }
    return encodings[1].axes.axes == encodings[0].axes.axes + [.named(axis)]
  }
}
