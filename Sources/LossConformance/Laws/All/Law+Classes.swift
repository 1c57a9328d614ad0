import LossCore

extension Law {
  /// The class axis in another place.
  static let classAxisMoves = Law(
    "class-axis-moves",
    "With the class axis first, terms and gradients are those with the class axis last.",
    flavours: [.ordinary, .ties, .extreme], settings: [.batch, .plane, .oneClass]
  ) { (trial) throws(LossError) in
    guard let name = trial.subject.signature.classAxis,
      trial.subject.signature.inputs.contains(where: {
        let axes = trial.axes(of: $0.role)
        return axes.count > 1 && axes.last == .named(name)
      })
    else { return .silent }
    func moved(_ tensor: AnyTensor, _ axes: [LawAxis]) throws(LossError) -> AnyTensor {
      guard axes.count > 1, axes.last == .named(name) else { return tensor }
      return try tensor.permuted([axes.count - 1] + Array(0..<(axes.count - 1)))
    }
    var inputs = LossInputs()
    for (role, tensor) in trial.inputs.tensors {
      inputs[role] = try moved(tensor, trial.axes(of: role))
    }
    let roles = trial.differentiable
    let last = try trial.evaluate(.none, gradientsOf: roles)
    let first = try trial.evaluate(.none, inputs, gradientsOf: roles, classAxis: 0)
    let hasRest = trial.subject.signature.terms.axes.contains(.rest)
    let terms = try hasRest ? moved(last.value, trial.termAxes) : last.value
    if terms.shape != first.value.shape {
      return .broken("the terms have shape \(first.value.shape); expected \(terms.shape)")
    }
    var slopes: [Role: [Double]] = [:]
    for (role, gradient) in last.gradients {
      slopes[role] = try moved(gradient, trial.axes(of: role)).doubles
    }
    return LawVerdict(
      Agreement.complaint("with the class axis first a term", first.value.doubles, terms.doubles)
        ?? Agreement.complaint("with the class axis first an element", first.slopes, slopes))
  }

  /// Class indices against the same as numbers.
  static let sparseIsOneHot = Law(
    "sparse-is-one-hot",
    "A target of class indices gives what the same target gives as one-hot numbers.",
    flavours: [.ordinary, .ties, .extreme], settings: [.batch, .plane, .oneClass]
  ) { (trial) throws(LossError) in
    guard let input = trial.subject.signature.inputs.first(where: { $0.isSparseOrDense }),
      case .int64(let indices)? = trial.inputs[input.role],
      case .classIndex(let axis)? = input.forms.first?.kind,
      let classCount = trial.extent(.named(axis))
    else { return .silent }
    // Numbers cannot name an ignored class.
    if indices.scalars.contains(where: trial.subject.isSpecial) { return .silent }
    let numbers = indices.scalars.flatMap { index in
      (0..<classCount).map { $0 == index ? 1.0 : 0 }
    }
    var dense = trial.inputs
    dense[input.role] = .float64(
      Tensor(trusted: Shape(trusted: indices.shape.extents + [classCount]), numbers))
    let roles = trial.differentiable.filter { $0 != input.role }
    let a = try trial.evaluate(.none, gradientsOf: roles)
    let b = try trial.evaluate(.none, dense, gradientsOf: roles)
    return LawVerdict(
      Agreement.complaint("from one-hot numbers a term", b.value.doubles, a.value.doubles)
        ?? Agreement.complaint("from one-hot numbers an element", b.slopes, a.slopes))
  }
}

extension InputSpecification {
  /// Whether it is class indices, or numbers with the class axis added at the end.
  fileprivate var isSparseOrDense: Bool {
    guard forms.count == 2, case .classIndex(let axis) = forms[0].kind, forms[1].kind == .real
    else { return false }
    return forms[1].axes.axes == forms[0].axes.axes + [.named(axis)]
  }
}
