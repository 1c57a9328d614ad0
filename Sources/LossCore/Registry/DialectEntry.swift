/// The conventions of another framework, shared by all its losses.
public struct Dialect: Sendable {
  /// The prefix of its names: `flux` in `flux.huber_loss`.
  public let name: String
  /// The display name of the framework.
  public let title: String
  /// Alternative prefixes: `segmentation_models_pytorch` besides `smp`.
  public let aliases: [String]
  /// The options that every function of the framework has, such as its reduction.
  public let options: [DialectOption]
  /// Sets the defaults of the framework, before any option is read.
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

/// The names, arguments, options and defaults of a loss in another framework.
public struct DialectEntry: Sendable {
  /// The framework.
  public let dialect: Dialect
  /// The names without the prefix: the shortest current one first, then other and deprecated ones.
  public let names: [String]
  /// The arguments in the order of the framework.
  public let arguments: [DialectArgument]
  /// The options of this function; they replace options of the dialect that have the same name.
  public let options: [DialectOption]
  /// Our options for which the framework has other defaults, by our names.
  public let overrides: [String: OptionValue]
  /// The last step of the resolution, after the options have been read.
  public let resolve: @Sendable (inout DialectResolution) throws(LossError) -> Void
  /// The domains that the framework checks, as far as data may pass at all.
  public private(set) var domainChecks = DomainChecks.data
  /// The names of tensors that may follow the arguments, in the order of the framework.
  public private(set) var optionalArguments: [Role] = []
  /// Other names of inputs that may follow the arguments, such as the weight and the mask.
  public private(set) var inputNames: [DialectArgument] = []
  /// The forms of tensors that the framework takes and we do not, which are brought into ours.
  public private(set) var preparations: [DialectPreparation] = []

  /// An entry from its parts.
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

  /// The same function of a framework that checks other domains than those of its data.
  public func checking(_ checks: DomainChecks) -> DialectEntry {
    var entry = self
    entry.domainChecks = checks
    return entry
  }

  /// The same function with tensors that may follow its arguments, such as a weight.
  public func followed(by names: Role...) -> DialectEntry {
    var entry = self
    entry.optionalArguments += names
    return entry
  }

  /// The same function with names for inputs that are not arguments in order.
  public func naming(_ names: DialectArgument...) -> DialectEntry {
    var entry = self
    entry.inputNames += names
    return entry
  }

  /// The same function of a framework that takes tensors in more forms.
  public func preparing(_ preparations: DialectPreparation...) -> DialectEntry {
    var entry = self
    entry.preparations += preparations
    return entry
  }

  /// The names with the prefix: `flux.huber_loss`.
  public var qualifiedNames: [String] { names.map { "\(dialect.name).\($0)" } }

  /// All options of the function: its own, then those of the dialect.
  public var knownOptions: [DialectOption] {
    options
      + dialect.options.filter { general in
        !options.contains { $0.names.first == general.names.first }
      }
  }

  /// The option that a tensor of this name stands for; nil if there is none.
  public func tensorOption(_ name: Role) -> DialectOption? {
    guard !(arguments + inputNames).contains(where: { $0.names.contains(name.name) }) else {
      return nil
    }
    return knownOptions.first { $0.isTensor && $0.names.contains(name.name) }
  }

  /// An error about an option of ours with the name that the framework has for it.
  func renamed(_ error: LossError) -> LossError {
    guard error.code == .invalidOption,
      !knownOptions.contains(where: { $0.targets.isEmpty && $0.names.contains(error.subject) }),
      let option = knownOptions.first(where: { $0.targets.contains(error.subject) })
    else { return error }
    var error = error
    error.subject = option.names.first ?? error.subject
    if option.isTensor, error.subject == Role.weight.name, error.hint.isEmpty {
      error.hint = "The weight of each term is the input \(Role.sampleWeight)."
    }
    return error
  }

  /// Resolves one of the names, without the prefix, and options of the framework.
  ///
  /// - Throws: `LossError` of code `unknown_option` or `invalid_option`.
  package func resolution(
    name: String, _ given: [String: OptionValue], reduction: Reduction?, classAxis: Int?
  ) throws(LossError) -> DialectResolution {
    var resolution = DialectResolution(name: name, options: overrides)
    dialect.defaults(&resolution)
    let known = knownOptions
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let option = known.first(where: { $0.names.contains(name) }) else {
        let names = known.filter { !$0.isRefused }.compactMap(\.names.first)
        throw LossError(
          .unknownOption, subject: name, found: "is not an option of this loss",
          expected: names.isEmpty ? "no options" : "one of " + names.joined(separator: ", "),
          hint: NearestName.hint(for: name, among: names))
      }
      if value == .null, option.nullIsDefault { continue }
      guard value != .list([]) else {
        // Our own options have empty lists for none; those of frameworks have null.
        throw LossError(
          .invalidOption, subject: name, found: "is []",
          expected: "numbers; null, or leave it out, for none")
      }
      try option.apply(value, &resolution)
      resolution.given.insert(option.names.first ?? name)
    }
    // `resolve` may read what the caller gave, which also takes precedence over its result.
    if let reduction { apply(reduction, to: &resolution) }
    if let classAxis { resolution.classAxis = classAxis }
    try resolve(&resolution)
    if let reduction, !isKept(reduction, resolution.reduction) { resolution.reduction = reduction }
    if let classAxis { resolution.classAxis = classAxis }
    return resolution
  }

  /// Sets a reduction as the framework's own option does, where it has the word.
  private func apply(_ reduction: Reduction, to resolution: inout DialectResolution) {
    if let option = knownOptions.first(where: { $0.targets.contains("reduction") }) {
      resolution.given.insert(option.names.first ?? "reduction")
      if reduction == Reduction(reduction.kind),
        (try? option.apply(.text(reduction.kind.rawValue), &resolution)) != nil
      {
        return
      }
    }
    resolution.reduction = reduction
  }

  /// Whether a framework has left a reduction as the caller gave it, but for what its mean divides by
  /// and what it averages before.
  private func isKept(_ given: Reduction, _ resolved: Reduction?) -> Bool {
    guard given == Reduction(given.kind), let resolved else { return given == resolved }
    return resolved.kind == given.kind || given.kind == .mean && resolved.kind == .weightedMean
  }
}

/// The result of resolving a name and options of a framework: our options, reduction and class
/// axis.
public struct DialectResolution: Sendable {
  /// The name without the prefix; a function and a class of a framework may have different
  /// defaults.
  public let name: String
  /// Our options by name.
  public var options: [String: OptionValue]
  /// The reduction; nil for the loss's own default.
  public var reduction: Reduction?
  /// The class axis; nil for the last axis.
  public var classAxis: Int?
  /// The factor of our value and gradients, such as -1 where the framework negates a similarity.
  public var scale = 1.0
  /// Whether the result keeps the class axis, and every reduced axis, with extent 1.
  public var keepsDimensions = false
  /// The number that marks the targets to leave out; nil for none.
  public var ignored: IgnoredTarget?
  /// Axes that are joined to one, the class axis, in this order; an empty list joins all. The other
  /// axes are those of the samples.
  public var joinedAxes: [Int]?
  /// The forms of tensors that the framework takes with these options, besides those of the entry.
  public var preparations: [DialectPreparation] = []
  /// The names of tensors that may follow the arguments under this name, besides those of the entry.
  public var optionalArguments: [Role] = []
  /// Inputs that were given as options, by our roles; an input of the call takes precedence.
  public var inputs: [String: OptionValue] = [:]
  /// The options that the caller has set, by their current names.
  public var given: Set<String> = []

  /// A resolution with these options of ours.
  public init(name: String = "", options: [String: OptionValue] = [:]) {
    self.name = name
    self.options = options
  }
}

/// The number that marks the targets which a framework leaves out.
public struct IgnoredTarget: Sendable {
  /// The number.
  public let number: Double
  /// Whether a mean still counts the terms that are left out.
  public let isCounted: Bool

  /// A number that marks targets.
  public init(_ number: Double, isCounted: Bool) {
    self.number = number
    self.isCounted = isCounted
  }
}

/// An option of a framework.
public struct DialectOption: Sendable {
  /// The names, the current one first.
  public let names: [String]
  /// The meaning of the option, in one line.
  public let summary: String
  /// Translates the value into our options, reduction or class axis.
  public let apply: @Sendable (OptionValue, inout DialectResolution) throws(LossError) -> Void
  /// Our options that it sets, whose errors are about it.
  public private(set) var targets: [String] = []
  /// Whether it may be given as a tensor beside the arguments, of one axis or none.
  public private(set) var isTensor = false
  /// What to use instead of a tensor of several axes; nil for the weight of each term.
  public private(set) var hintForAxes: String?
  /// Whether null stands for the default.
  public private(set) var nullIsDefault = false
  /// Whether only the default is accepted.
  public private(set) var isRefused = false

  /// An option with a custom translation.
  public init(
    _ names: String..., summary: String,
    apply: @escaping @Sendable (OptionValue, inout DialectResolution) throws(LossError) -> Void
  ) {
    self.names = names
    self.summary = summary
    self.apply = apply
  }

  /// An option with the same meaning as one of ours, which may have another name.
  public static func same(_ names: String..., as ours: String? = nil) -> DialectOption {
    let target = ours ?? names.first ?? ""
    var option = DialectOption(names: names, summary: "our \(target)") {
      (value, resolution) throws(LossError) in
      resolution.options[target] = value
    }
    option.targets = [target]
    return option
  }

  /// An option that the framework has and that changes nothing here.
  public static func unused(_ names: String..., summary: String = "no effect") -> DialectOption {
    DialectOption(names: names, summary: summary) { _, _ in }
  }

  /// An option that is refused except with its default, with what to use instead as a hint.
  ///
  /// - Parameters:
  ///   - names: the names, the current one first.
  ///   - defaults: the values without effect; null is always one.
  ///   - hint: what to use here, as a sentence.
  public static func refused(
    _ names: String..., unless defaults: [OptionValue] = [], hint: String
  ) -> DialectOption {
    let expected = defaults.isEmpty ? "null" : defaults.map(\.text).joined(separator: ", ")
    var option = DialectOption(names: names, summary: "only \(expected): \(hint)") {
      (value, _) throws(LossError) in
      guard value == .null || defaults.contains(value) else {
        throw LossError(
          .invalidOption, subject: names.first ?? "", found: "is \(value.text)",
          expected: "\(expected), the default", hint: hint)
      }
    }
    (option.isTensor, option.isRefused) = (true, true)
    return option
  }

  /// An input that may also be given as an option: a number, or lists of numbers.
  public static func input(_ name: String, as role: Role = .weight) -> DialectOption {
    DialectOption(name, summary: "our input \(role), as numbers") {
      (value, resolution) throws(LossError) in
      guard value != .null else { return }
      guard AnyTensor(optionValue: value) != nil else {
        throw LossError(
          .invalidOption, subject: name, found: "is \(value.text)",
          expected: "a number, or lists of numbers of equal length")
      }
      resolution.inputs[role.name] = value
    }
  }

  /// The number of targets to leave out, or null for none.
  public static func ignoredTarget(
    _ name: String = "ignore_index", isCounted: Bool = false
  ) -> DialectOption {
    DialectOption(name, summary: "number of the targets that are left out, or null") {
      (value, resolution) throws(LossError) in
      guard value != .null else { return }
      guard let number = Double(optionValue: value) else {
        throw LossError(
          .invalidOption, subject: name, found: "is \(value.text)", expected: "a number, or null")
      }
      resolution.ignored = IgnoredTarget(number, isCounted: isCounted)
    }
  }

  /// The same option, which may be given as a tensor, too; null stands for its default.
  public var tensor: DialectOption {
    var option = self
    (option.isTensor, option.nullIsDefault) = (true, true)
    return option
  }

  /// The same option, which may be given as a tensor, with what to use instead of one of several axes.
  public func tensor(hintForAxes: String) -> DialectOption {
    var option = tensor
    option.hintForAxes = hintForAxes
    return option
  }

  /// The same option, whose value is checked as a value of these options of ours.
  public func setting(_ targets: String...) -> DialectOption {
    var option = self
    option.targets = targets
    return option
  }

  /// The same option, for which null stands for the default.
  public var orNull: DialectOption {
    var option = self
    option.nullIsDefault = true
    return option
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

/// An argument of a function of a framework.
public struct DialectArgument: Sendable {
  /// The role of the argument.
  public let role: Role
  /// The names of the argument in the framework.
  public let names: [String]
  /// Converts a tensor of the framework to our layout.
  public let adapt: @Sendable (AnyTensor) throws(LossError) -> AnyTensor
  /// Converts a gradient in our layout to that of the framework.
  public let restore: @Sendable (AnyTensor) throws(LossError) -> AnyTensor
  /// Whether the layout of the framework differs from ours.
  public let isAdapted: Bool
  /// The number of the first class, if the argument holds class indices.
  public let firstClass: Int

  /// An argument in our layout.
  public init(_ role: Role, _ names: String...) {
    self.init(role, names: names)
  }

  /// An argument in our layout, from a list of names.
  package init(_ role: Role, names: [String]) {
    self.role = role
    self.names = names
    adapt = { $0 }
    restore = { $0 }
    isAdapted = false
    firstClass = 0
  }

  /// An argument in another layout.
  public init(
    _ role: Role, _ names: String...,
    adapt: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor,
    restore: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor = { $0 },
    firstClass: Int = 0
  ) {
    self.init(role, names: names, adapt: adapt, restore: restore, firstClass: firstClass)
  }

  /// An argument in another layout, from a list of names.
  package init(
    _ role: Role, names: [String],
    adapt: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor,
    restore: @escaping @Sendable (AnyTensor) throws(LossError) -> AnyTensor, firstClass: Int = 0
  ) {
    self.firstClass = firstClass
    self.role = role
    self.names = names
    self.adapt = adapt
    self.restore = restore
    isAdapted = true
  }
}
