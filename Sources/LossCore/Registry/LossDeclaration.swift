/// How a loss is declared in Swift: its type, its module and the parameters of its initialiser.
public struct LossDeclaration: Hashable, Sendable {
  /// The name of the type: `HuberLoss`.
  public let type: String
  /// The module that declares it: `RegressionLosses`.
  public let module: String
  /// The options in the order of the initialiser's parameters.
  public let options: [OptionDeclaration]
  /// Whether the type has calls with the lengths of sequences.
  public let isSequenceLoss: Bool

  init<Loss: LossProtocol>(_ type: Loss.Type) {
    self.type = OptionDeclaration.name(of: type)
    module = String(String(reflecting: type).prefix { $0 != "." })
    let options = Loss.Options()
    self.options = Loss.Options.fields.map { $0.declaration(options) }
    isSequenceLoss = type is any SequenceLoss.Type
  }

  /// The initialiser with its parameters and their defaults:
  /// `HuberLoss(delta: Double = 1.0)`.
  public var initializer: String {
    "\(type)(\(parameters.joined(separator: ", ")))"
  }

  /// The parameters of the initialiser with their defaults: `delta: Double = 1.0`.
  package var parameters: [String] {
    options.map { option in
      "\(option.label): \(option.type)" + (option.defaultValue.map { " = \($0)" } ?? "")
    }
  }

  /// The call that gives value and gradient: `loss.valueAndGradient(prediction, target)`.
  public func call(of entry: LossEntry) -> String {
    let inputs = entry.signature.inputs
    if entry.kind == .transform { return "loss(\(inputs.first?.role.name ?? ""))" }
    if isSequenceLoss {
      return "loss.valueAndGradient(logits, labels, inputLengths: …, targetLengths: …)"
    }
    let isOne = inputs.count { $0.isDifferentiable && !$0.isOptional } == 1
    let isPair = inputs.map(\.role) == [.prediction, .target]
    let arguments = inputs.map { input in
      let label = OptionDeclaration.camelCase(input.role.name)
      return entry.signature.isUnlabeled(input) ? label : "\(label): \(label)"
    }
    guard !inputs.isEmpty else {
      return "loss.valueAndGradients([\"prediction\": …, \"target\": …])"
    }
    return "loss.\(isOne || isPair ? "valueAndGradient" : "valueAndGradients")"
      + "(\(arguments.joined(separator: ", ")))"
  }
}

extension LossSignature {
  /// Whether a call in Swift takes an input without a label, as prediction, target and a single
  /// input are in every call of two inputs.
  package func isUnlabeled(_ input: InputSpecification) -> Bool {
    inputs.count == 1 || input.role == .prediction
      || input.role == .target && inputs.prefix(2).map(\.role) == [.prediction, .target]
  }
}
