public import LossCore

/// A law that does not hold, with the smallest inputs found that show it.
public struct Counterexample: Sendable, CustomStringConvertible {
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
  public let distribution: InputDistribution
  /// How the violation shows.
  public let failureMessage: String
  /// The smallest inputs found.
  public let inputs: LossInputs

  init(_ law: Law, _ trial: PropertyTrial, _ failureMessage: String) {
    self.law = law.name
    claim = law.claim
    loss = trial.subject.entry.metadata.name
    options = trial.subject.given
    seed = trial.seed
    distribution = trial.distribution
    // The smaller inputs have a complaint of their own.
    if case .failed(let own) = trial.verdict(of: law, mustEvaluate: true) {
      self.failureMessage = own
    } else {
      self.failureMessage = failureMessage
    }
    inputs = trial.inputs
  }

  /// The law, the loss, its options, the seed, and the inputs.
  public var description: String {
    let words = options.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }
    var lines = [
      "\(law): \(loss)(\(words.joined(separator: ", "))), seed \(seed), \(distribution.rawValue) inputs",
      "  claim   \(claim)", "  found   \(failureMessage)",
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
