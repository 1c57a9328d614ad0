/// The conventions of another framework, shared by all the losses that it spells.
public struct Dialect: Sendable {
  /// The prefix of its names: `flux` in `flux.huber_loss`.
  public let name: String
  /// The framework's name in prose.
  public let title: String
  /// Other prefixes of the same names: `segmentation_models_pytorch` beside `smp`.
  public let aliases: [String]
  /// The options that every function of the framework takes, such as its reduction.
  public let options: [DialectOption]
  /// Sets what the framework's defaults are, before any option is read.
  public let defaults: @Sendable (inout DialectResolution) -> Void

  /// A dialect from its conventions.
  public init(
    _ name: String, title: String, aliases: [String] = [], options: [DialectOption] = [],
    defaults: @escaping @Sendable (inout DialectResolution) -> Void = { _ in }
  ) {
    self.name = name
    self.title = title
    self.aliases = aliases
    self.options = options
    self.defaults = defaults
  }
}

/// How a framework spells a loss: names, option names and defaults, arguments in order.
public struct DialectEntry: Sendable {
  /// The framework.
  public let dialect: Dialect
  /// The names without the prefix: the shortest current one first, then other forms and old ones.
  public let names: [String]
  /// The arguments in the framework's order.
  public let arguments: [DialectArgument]
  /// The options of this function; one of a name that the dialect has too stands in its place.
  public let options: [DialectOption]
  /// What differs from this loss's own defaults: option names and values of ours.
  public let overrides: [String: OptionValue]
  /// The last word on what was selected, after the options were read.
  public let resolve: @Sendable (inout DialectResolution) throws(LossError) -> Void

  /// A spelling from its parts.
  public init(
    _ dialect: Dialect, _ names: [String], arguments: [DialectArgument],
    options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) {
    self.dialect = dialect
    self.names = names
    self.arguments = arguments
    self.options = options
    self.overrides = overrides
    self.resolve = resolve
  }

  /// The names with the prefix: `flux.huber_loss`.
  public var qualifiedNames: [String] { names.map { "\(dialect.name).\($0)" } }

  /// Every option that the function takes: its own, then those of the dialect.
  public var knownOptions: [DialectOption] {
    options
      + dialect.options.filter { general in
        !options.contains { $0.names.first == general.names.first }
      }
  }

  /// Reads options in the framework's words, under one of the names without the prefix.
  ///
  /// - Throws: `LossError` of code `unknown_option` or `invalid_option`.
  package func selection(
    name: String, _ given: [String: OptionValue], reduction: Reduction?, classAxis: Int?
  ) throws(LossError) -> DialectResolution {
    var selection = DialectResolution(name: name, options: overrides)
    dialect.defaults(&selection)
    let known = knownOptions
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let option = known.first(where: { $0.names.contains(name) }) else {
        let names = known.compactMap(\.names.first)
        throw LossError(
          .unknownOption, subject: name, found: "is not an option of this loss",
          expected: names.isEmpty ? "no options" : "one of " + names.joined(separator: ", "),
          hint: NearestName.hint(for: name, among: names))
      }
      try option.apply(value, &selection)
      selection.given.insert(option.names.first ?? name)
    }
    // What the caller says in our words goes before what the framework makes of it.
    if let classAxis { selection.classAxis = classAxis }
    try resolve(&selection)
    if let reduction { selection.reduction = reduction }
    if let classAxis { selection.classAxis = classAxis }
    return selection
  }
}

/// What a name and its options come to: options of ours, a reduction, a class axis.
public struct DialectResolution: Sendable {
  /// The name that was asked for, without the prefix: a function and a class of a framework may
  /// have defaults of their own.
  public let name: String
  /// Options of ours by name.
  public var options: [String: OptionValue]
  /// The reduction; nil for the loss's own default.
  public var reduction: Reduction?
  /// The class axis; nil for the last axis.
  public var classAxis: Int?
  /// What our value and gradients are multiplied by: -1 where a framework's similarity counts down.
  public var scale = 1.0
  /// Whether the result keeps the class axis, and every reduced axis, with extent 1.
  public var keepsDimensions = false
  /// The options that were named by the caller, by their current names.
  public var given: Set<String> = []

  /// A selection with these options of ours.
  public init(name: String = "", options: [String: OptionValue] = [:]) {
    self.name = name
    self.options = options
  }
}

/// An option in the words of a framework.
public struct DialectOption: Sendable {
  /// The names, the current one first.
  public let names: [String]
  /// What it does, in one line.
  public let summary: String
  /// Carries the value over into options of ours, a reduction or an axis.
  public let apply: @Sendable (OptionValue, inout DialectResolution) throws(LossError) -> Void

  /// An option with a rule of its own.
  public init(
    _ names: String..., summary: String,
    apply: @escaping @Sendable (OptionValue, inout DialectResolution) throws(LossError) -> Void
  ) {
    self.names = names
    self.summary = summary
    self.apply = apply
  }

  /// An option that has the same meaning under a name of ours.
  public static func same(_ names: String..., as ours: String? = nil) -> DialectOption {
    let target = ours ?? names.first ?? ""
    return DialectOption(names: names, summary: "our \(target)") {
      (value, selection) throws(LossError) in
      selection.options[target] = value
    }
  }

  /// An option from a list of names.
  package init(
    names: [String], summary: String,
    apply: @escaping @Sendable (OptionValue, inout DialectResolution) throws(LossError) -> Void
  ) {
    self.names = names
    self.summary = summary
    self.apply = apply
  }
}

/// An argument in the words of a framework.
public struct DialectArgument: Sendable {
  /// The role that the argument plays.
  public let role: Role
  /// The names that the framework has for it.
  public let names: [String]
  /// Makes our tensor of the framework's.
  public let adapt: @Sendable (AnyTensor) throws(LossError) -> AnyTensor
  /// Makes the framework's gradient of ours.
  public let restore: @Sendable (AnyTensor) throws(LossError) -> AnyTensor
  /// Whether the framework's tensor is laid out in another way than ours.
  public let isAdapted: Bool

  /// An argument that is laid out as ours.
  public init(_ role: Role, _ names: String...) {
    self.init(role, names: names)
  }

  /// An argument that is laid out as ours, from a list of names.
  package init(_ role: Role, names: [String]) {
    self.role = role
    self.names = names
    adapt = { $0 }
    restore = { $0 }
    isAdapted = false
  }

  /// An argument that is laid out in a way of its own.
  public init(
    _ role: Role, _ names: String...,
    adapt: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor,
    restore: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor = { $0 }
  ) {
    self.init(role, names: names, adapt: adapt, restore: restore)
  }

  /// An argument that is laid out in a way of its own, from a list of names.
  package init(
    _ role: Role, names: [String],
    adapt: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor,
    restore: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor
  ) {
    self.role = role
    self.names = names
    self.adapt = adapt
    self.restore = restore
    isAdapted = true
  }
}
