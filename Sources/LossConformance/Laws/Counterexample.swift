public import LossCore

/// A counterexample to a law, with the smallest inputs found.
public struct Counterexample: Sendable, CustomStringConvertible {
  /// The name of the law.
  public let law: String
  /// The statement of the law.
  public let statement: String
  /// The name of the loss.
  public let loss: String
  /// The options that differ from their defaults.
  public let options: [String: OptionValue]
  /// The seed of the inputs before shrinking.
  public let seed: UInt64
  /// The distribution of the inputs.
  public let distribution: InputDistribution
  /// A description of the failure.
  public let failureMessage: String
  /// The smallest inputs found.
  public let inputs: LossInputs

  init(_ law: Law, _ trial: PropertyTrial, _ failureMessage: String) {
    self.law = law.name
    statement = law.statement
    loss = trial.subject.entry.metadata.name
    options = trial.subject.explicitOptions
    seed = trial.seed
    distribution = trial.distribution
    // The shrunk inputs fail with a message of their own.
    if case .failed(let message) = trial.verdict(of: law, mustEvaluate: true) {
      self.failureMessage = message
    } else {
      self.failureMessage = failureMessage
    }
    inputs = trial.inputs
  }

  public var description: String {
    let settings = options.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }
    var lines = [
      "\(law): \(loss)(\(settings.joined(separator: ", "))), seed \(seed), \(distribution.rawValue) inputs",
      "  expected  \(statement)", "  found     \(failureMessage)",
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
