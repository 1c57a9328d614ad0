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
    let parameters = options.map { option in
      "\(option.label): \(option.type)" + (option.defaultValue.map { " = \($0)" } ?? "")
    }
    return "\(type)(\(parameters.joined(separator: ", ")))"
  }
}
