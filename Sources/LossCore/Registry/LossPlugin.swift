/// The losses that a module registers.
///
/// A module is registered when it is linked. One file lists its losses:
///
///     import LossCore
///
///     public let regressionLosses = LossPlugin(
///       "regression", [LossEntry(HuberLoss.self), LossEntry(LogCoshLoss.self)])
///
///     @section("loss_plugins") @used
///     private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(regressionLosses) }
public struct LossPlugin: Sendable {
  /// The name of the family.
  public let name: String
  /// The losses in the order of the list.
  public let losses: [LossEntry]
  /// Names that other frameworks have for losses of other plug-ins, by the names of the losses:
  /// `["huber": [DialectEntry(jax, …)]]`.
  public let dialectEntries: [String: [DialectEntry]]

  /// A plug-in from its name and its losses.
  public init(
    _ name: String, _ losses: [LossEntry], dialectEntries: [String: [DialectEntry]] = [:]
  ) {
    self.name = name
    self.losses = losses
    self.dialectEntries = dialectEntries
  }
}

/// The registry entry of a loss: its metadata, and a factory.
public struct LossEntry: Sendable {
  /// The loss's name and what there is to say about it.
  public internal(set) var metadata: LossMetadata
  /// Whether it is a loss or a transform.
  public let kind: LossKind
  /// The options.
  public let options: [OptionDescription]
  /// The inputs, with default options.
  public let signature: LossSignature
  /// The reduction if the caller names none.
  public let defaultReduction: Reduction
  /// The mathematical properties of the terms, with default options.
  public let properties: [LossProperty]
  /// How the loss is declared in Swift; nil for a loss that is no type of this program.
  public let declaration: (@Sendable () -> LossDeclaration)?
  /// The loss from options by name, checked.
  public let make:
    @Sendable ([String: OptionValue], LossRegistry) throws(LossError) -> any LossProtocol

  /// An entry for a type of loss.
  public init<Loss: LossProtocol>(_ type: Loss.Type) {
    self.init(type) { (values, _) throws(LossError) in
      Loss(options: try Loss.Options(values))
    }
  }

  /// An entry for a type of loss with a custom factory.
  public init<Loss: LossProtocol>(
    _ type: Loss.Type,
    make:
      @escaping @Sendable ([String: OptionValue], LossRegistry) throws(LossError) ->
      any LossProtocol
  ) {
    let loss = Loss()
    metadata = Loss.metadata
    kind = Loss.kind
    options = Loss.Options.fields.map { OptionDescription($0, of: loss.options) }
    signature = loss.signature
    defaultReduction = loss.defaultReduction
    properties = loss.properties
    declaration = { LossDeclaration(Loss.self) }
    self.make = make
  }

  /// An entry for a loss that is not a type of this program, such as one of a loaded library.
  package init(
    metadata: LossMetadata, kind: LossKind = .loss, options: [OptionDescription],
    signature: LossSignature,
    defaultReduction: Reduction, properties: [LossProperty],
    make:
      @escaping @Sendable ([String: OptionValue], LossRegistry) throws(LossError) ->
      any LossProtocol
  ) {
    self.metadata = metadata
    self.kind = kind
    self.options = options
    self.signature = signature
    self.defaultReduction = defaultReduction
    self.properties = properties
    declaration = nil
    self.make = make
  }
}

/// The description of an option: name, default, range and summary.
public struct OptionDescription: Hashable, Sendable {
  /// The name in JSON.
  public let name: String
  /// The default.
  public let defaultValue: OptionValue
  /// The valid values, as a phrase.
  public let range: String
  /// The meaning of the option, in one line.
  public let summary: String

  init<Options>(_ field: OptionField<Options>, of options: Options) {
    name = field.name
    defaultValue = field.read(options)
    range = field.range
    summary = field.summary
  }

  /// A description from its parts.
  package init(name: String, defaultValue: OptionValue, range: String, summary: String) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
    self.summary = summary
  }
}
