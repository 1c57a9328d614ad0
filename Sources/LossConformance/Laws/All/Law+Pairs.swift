import LossCore

extension Law {
  /// The declared symmetry.
  static let symmetry = Law(
    "symmetry",
    "A loss declared symmetric gives the same terms with prediction and target exchanged.",
    distributions: [.ordinary, .ties, .zeros, .extreme], shapes: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.symmetric), let exchanged = trial.exchanged else {
      return .notApplicable
    }
    return try LawVerdict(
      Agreement.failureMessage(
        "with exchanged inputs a term", trial.terms(exchanged), trial.terms()))
  }

  /// The declared zero at the target.
  static let zeroAtTarget = Law(
    "zero-at-target",
    "A loss declared zero at the target is zero where prediction and target are equal.",
    distributions: [.ordinary, .ties, .zeros, .extreme, .huge], shapes: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.zeroAtTarget), let exchanged = trial.exchanged else {
      return .notApplicable
    }
    // The prediction is drawn from the domain of the target, which may be smaller.
    let roles = trial.subject.signature.inputs.map(\.role)
    var equal = trial.inputs
    equal[roles[0]] = exchanged[roles[0]]
    for (index, term) in try trial.terms(equal).enumerated() where !(term.magnitude <= 1e-14) {
      return .failed("term \(index) is \(term) where prediction and target are equal")
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The inputs with the first two exchanged; nil if their shapes or element types differ.
  fileprivate var exchanged: LossInputs? {
    let roles = subject.signature.inputs.map(\.role)
    guard roles.count >= 2, let first = inputs[roles[0]], let second = inputs[roles[1]],
      first.shape == second.shape, first.element == second.element
    else { return nil }
    var exchanged = inputs
    exchanged[roles[0]] = second
    exchanged[roles[1]] = first
    return exchanged
  }
}
