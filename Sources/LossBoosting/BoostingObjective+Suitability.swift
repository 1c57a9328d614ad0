import LossCore

extension ConfiguredLoss {
  /// The loss with the option by which it applies the link itself, where it has one.
  func linked(
    _ link: BoostingLink?
  ) throws(LossError) -> (loss: ConfiguredLoss, link: BoostingLink, isLinkInLoss: Bool) {
    let values = base.options.values
    let (logits, logarithms) = (values["from_logits"], values["log_input"])
    let link =
      link
      ?? BoostingLink(
        signature, takesLogits: logits != nil, takesLogarithms: logarithms != nil)
    let option: String? =
      switch link {
      case .logistic where logits != nil && signature.classAxis == nil: "from_logits"
      case .softmax where logits != nil && signature.classAxis != nil: "from_logits"
      case .log where logarithms != nil: "log_input"
      default: nil
      }
    guard let option else { return (self, link, link == .identity) }
    if values[option] == .flag(true) { return (self, link, true) }
    // The options of a framework's name are that framework's.
    guard dialectEntry == nil else { return (self, link, false) }
    return (try with(option), link, true)
  }

  private func with(_ flag: String) throws(LossError) -> ConfiguredLoss {
    func remade<Loss: LossProtocol>(_ loss: Loss) throws(LossError) -> any LossProtocol {
      var values = loss.options.values
      values[flag] = .flag(true)
      return Loss(options: try Loss.Options(values))
    }
    return ConfiguredLoss(try remade(base), reduction: reduction, classAxis: classAxis)
  }
}

extension BoostingObjective {
  /// - Throws: `LossError` of code `unknown_input` for a loss that gives no gradient or curvature of
  ///   one row, and `invalid_value` for a scale or a policy out of range.
  func checkSuitability() throws(LossError) {
    let inputs = loss.signature.inputs
    guard type(of: loss.base).kind == .loss, inputs.count >= 2,
      inputs.dropFirst(2).allSatisfy(\.isOptional)
    else {
      throw LossError(
        .unknownInput, subject: inputs.first?.role.name ?? "prediction",
        found: "has no target beside it alone",
        expected: "a loss of a prediction and a target",
        hint: "Its inputs are \(inputs.map(\.role.name).joined(separator: ", ")).")
    }
    let role = roles.prediction.name
    let terms = loss.signature.terms.axes
    let axes = inputs[0].encodings.first?.axes.axes ?? []
    // A row is one score, or one axis of them.
    guard !loss.base.properties.contains(.batchDependent), terms.contains(.ellipsis),
      axes.prefix(terms.count) == terms[...], axes.count <= terms.count + 1
    else {
      throw LossError(
        .unknownInput, subject: role, found: "is not evaluated row by row",
        expected: "a loss with a term for each row that does not depend on other rows",
        hint: "losses show \(loss.name) prints the shapes of its inputs and terms.")
    }
    guard inputs[0].isDifferentiable else {
      throw LossError(
        .unknownInput, subject: role, found: "has no gradient", expected: "a loss with a gradient")
    }
    if curvature.source == .secondDerivative,
      !loss.base.rolesWithSecondDerivative.contains(inputs[0].role)
    {
      throw LossError(
        .unknownInput, subject: role, found: "has no second derivative",
        expected: "a loss with one, or a constant curvature",
        hint: "The policy constant=1 takes steps of gradient descent.")
    }
    if link == .softmax, !isLinkInLoss, !isElementwise {
      throw LossError(
        .unknownInput, subject: role, found: "has mixed second derivatives within a row",
        expected: "a loss of single elements, or one that takes logits, for the link softmax",
        hint: "Its option from_logits, where it has one, applies the softmax.")
    }
    if [.log, .logistic].contains(link), !isLinkInLoss, !isElementwise {
      throw LossError(
        .unknownInput, subject: role, found: "is a row of scores",
        expected: "a loss of single elements for the link \(link.rawValue)")
    }
    guard scale > 0, scale.isFinite else {
      throw LossError(
        .invalidValue, subject: "scale", found: "is \(scale)", expected: "a number above 0")
    }
    try curvature.validate()
  }
}
