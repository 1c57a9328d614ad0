public import LossCore

/// A law that does not hold, with the smallest inputs found that show it.
public struct Violation: Sendable, CustomStringConvertible {
  /// The name of the law.
  public let law: String
  /// What the law says.
  public let claim: String
  /// The name of the loss.
  public let loss: String
  /// The options that differ from their defaults.
  public let options: [String: OptionValue]
  /// The seed that the inputs were drawn from, before they were made smaller.
  public let seed: UInt64
  /// The kind of inputs.
  public let flavour: InputFlavour
  /// How the violation shows.
  public let complaint: String
  /// The smallest inputs found.
  public let inputs: LossInputs

  init(_ law: Law, _ trial: LawTrial, _ complaint: String) {
    self.law = law.name
    claim = law.claim
    loss = trial.subject.entry.card.name
    options = trial.subject.given
    seed = trial.seed
    flavour = trial.flavour
    // The smaller inputs have a complaint of their own.
    if case .broken(let own) = trial.verdict(of: law, mustEvaluate: true) {
      self.complaint = own
    } else {
      self.complaint = complaint
    }
    inputs = trial.inputs
  }

  /// The law, the loss, its options, the seed, and the inputs.
  public var description: String {
    let words = options.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }
    var lines = [
      "\(law): \(loss)(\(words.joined(separator: ", "))), seed \(seed), \(flavour.rawValue) inputs",
      "  claim   \(claim)", "  found   \(complaint)",
    ]
    for (role, tensor) in inputs.tensors {
      lines.append("  \(role)  \(tensor.element.rawValue)\(tensor.shape) \(Self.text(tensor))")
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ tensor: AnyTensor) -> String {
    let shown = tensor.doubles.prefix(24).map { OptionValue.number($0).text }
    return "[" + shown.joined(separator: ", ") + (tensor.shape.count > 24 ? ", …]" : "]")
  }
}
