/// A module's list of losses: what it registers.
///
/// A module registers itself by being linked. Its table of contents is one file:
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
  /// The losses in the order in which they are listed.
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

/// One loss of a plug-in: how it is made from options, and what there is to say about it.
public struct LossEntry: Sendable {
  /// The loss's name and what there is to say about it.
  public internal(set) var metadata: LossMetadata
  /// Whether it is a loss or a transform.
  public let kind: LossKind
  /// Its options.
  public let options: [OptionDescription]
  /// Its inputs, with default options.
  public let signature: LossSignature
  /// Its reduction where none is named.
  public let defaultReduction: Reduction
  /// What it claims of its terms, with default options.
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

  /// An entry for a type of loss that is made in a way of its own.
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

  /// An entry for losses that are no type of this program.
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

/// An option as it is shown: name, default, range and what it does.
public struct OptionDescription: Hashable, Sendable {
  /// The name in JSON.
  public let name: String
  /// The value where none is given.
  public let defaultValue: OptionValue
  /// What it may be.
  public let range: String
  /// What it does, in one line.
  public let summary: String

  init<Options>(_ field: OptionField<Options>, of options: Options) {
    name = field.name
    defaultValue = field.read(options)
    range = field.range
    summary = field.summary
  }

  /// An option from its lines.
  package init(name: String, defaultValue: OptionValue, range: String, summary: String) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
    self.summary = summary
  }
}
