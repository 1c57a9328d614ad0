import LossCore

extension Law {
  /// The declared symmetry.
  static let symmetry = Law(
    "symmetry", "A loss that claims symmetry gives the same terms with its inputs exchanged.",
    distributions: [.ordinary, .ties, .zeros, .extreme], settings: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.symmetric), let exchanged = trial.exchanged else {
      return .notApplicable
    }
    return try LawVerdict(
      Agreement.failureMessage("with both exchanged a term", trial.terms(exchanged), trial.terms()))
  }

  /// The declared zero.
  static let zeroAtTarget = Law(
    "zero-at-target", "A loss that claims so is zero where the prediction equals the target.",
    distributions: [.ordinary, .ties, .zeros, .extreme, .huge], settings: [.batch, .plane, .single]
  ) { (trial) throws(LossError) in
    guard trial.subject.properties.contains(.zeroAtTarget), let exchanged = trial.exchanged else {
      return .notApplicable
    }
    // The prediction is drawn from the target's domain, which may be the smaller one.
    let roles = trial.subject.signature.inputs.map(\.role)
    var equal = trial.inputs
    equal[roles[0]] = exchanged[roles[0]]
    for (index, term) in try trial.terms(equal).enumerated() where !(term.magnitude <= 1e-14) {
      return .failed("term \(index) is \(term) at a perfect prediction")
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The inputs with the first two exchanged; nil if they do not have the same shape and kind.
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
