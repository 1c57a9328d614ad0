/// The losses of some plug-ins by name, as an immutable value.
///
///     let loss = try LossRegistry.linked.loss(named: "huber", options: ["delta": 0.5])
///     let same = try LossRegistry.linked.loss(named: "flux.huber_loss", options: ["delta": 0.5])
public struct LossRegistry: Sendable {
  /// The plug-ins in order of their names.
  public let plugins: [LossPlugin]

  private let entries: [String: LossEntry]
  private let dialectEntries: [String: (entry: LossEntry, dialectEntry: DialectEntry)]
  private let owners: [String: String]
  /// The alternative prefixes of dialects, with the names of the dialects.
  private let aliases: [(alias: String, dialect: String)]

  /// The names that two plug-ins register, each as an error; empty for a registry that was checked.
  public let clashes: [LossError]

  /// A registry of these plug-ins.
  ///
  /// - Throws: `LossError` of code `invalid_value` if two plug-ins register one name, naming both,
  ///   and if a plug-in adds dialect names to a loss that there is not.
  public init(_ plugins: [LossPlugin]) throws(LossError) {
    self.init(keepingFirst: plugins)
    if let clash = clashes.first { throw clash }
  }

  /// A registry of these plug-ins in which the first plug-in keeps a name that two register.
  ///
  /// Whatever is wrong is in `clashes`, and the first of them is thrown by every `loss(named:)`.
  package init(keepingFirst plugins: [LossPlugin]) {
    var owners: [String: String] = [:]
    var clashes: [LossError] = []
    func claim(_ name: String, _ plugin: LossPlugin) -> Bool {
      guard let owner = owners[name] else {
        owners[name] = plugin.name
        return true
      }
      clashes.append(
        LossError(
          .invalidValue, subject: name,
          found: "is registered by plug-in \"\(owner)\" and by plug-in \"\(plugin.name)\"",
          expected: "one plug-in for each name",
          hint: "Rename one, or link one of the two plug-ins."))
      return false
    }
    let added = Dictionary(
      plugins.flatMap { plugin in plugin.dialectEntries.map { ($0.key, $0.value) } },
      uniquingKeysWith: +)
    var kept: [LossPlugin] = []
    for plugin in plugins {
      var losses: [LossEntry] = []
      for var entry in plugin.losses where claim(entry.metadata.name, plugin) {
        entry.metadata.dialectEntries += added[entry.metadata.name] ?? []
        entry.metadata.dialectEntries.removeAll { dialectEntry in
          dialectEntry.qualifiedNames.count { !claim($0, plugin) } > 0
        }
        losses.append(entry)
      }
      kept.append(LossPlugin(plugin.name, losses, dialectEntries: plugin.dialectEntries))
    }
    let entries = Dictionary(
      kept.flatMap(\.losses).map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first }
    )
    for plugin in plugins {
      for name in plugin.dialectEntries.keys.sorted() where entries[name] == nil {
        clashes.append(
          LossError(
            .unknownLoss, subject: name,
            found: "is given names by plug-in \"\(plugin.name)\", and is no loss",
            expected: "the name of a loss of another plug-in"))
      }
    }
    var dialectEntries: [String: (entry: LossEntry, dialectEntry: DialectEntry)] = [:]
    for entry in kept.flatMap(\.losses) {
      for dialectEntry in entry.metadata.dialectEntries {
        for name in dialectEntry.qualifiedNames { dialectEntries[name] = (entry, dialectEntry) }
      }
    }
    self.plugins = kept.sorted { $0.name < $1.name }
    self.entries = entries
    self.dialectEntries = dialectEntries
    self.owners = owners
    self.clashes = clashes
    let dialects = Set(
      dialectEntries.values.flatMap { found in
        found.dialectEntry.dialect.aliases.map { [$0, found.dialectEntry.dialect.name] }
      })
    // Longest first: `Flux.Losses` before `Flux`.
    aliases = dialects.map { (alias: $0[0], dialect: $0[1]) }
      .sorted { ($0.alias.utf8.count, $0.alias) > ($1.alias.utf8.count, $1.alias) }
  }

  /// This registry, for a caller that relies on it: a test that runs over all names, say.
  ///
  /// - Throws: `LossError` for names that two plug-ins register, and for a registry without losses.
  public func checked() throws(LossError) -> LossRegistry {
    if let clash = clashes.first { throw clash }
    guard !entries.isEmpty else {
      throw LossError(
        .unknownLoss, subject: "registry", found: "has no losses", expected: "at least one plug-in",
        hint: "Link LossFunctions, or a family such as RegressionLosses.")
    }
    return self
  }

  /// A registry without losses.
  public static let empty = LossRegistry(keepingFirst: [])

  /// Our names, in alphabetical order.
  public var names: [String] { entries.keys.sorted() }

  /// The names of other frameworks, with prefix, in alphabetical order.
  public var dialectNames: [String] { dialectEntries.keys.sorted() }

  /// The frameworks, in alphabetical order of their prefixes.
  public var dialects: [Dialect] {
    let all = dialectEntries.values.map { ($0.dialectEntry.dialect.name, $0.dialectEntry.dialect) }
    return Dictionary(all, uniquingKeysWith: { first, _ in first }).values
      .sorted { $0.name < $1.name }
  }

  /// The entry of a loss by any of its names; nil if there is none.
  public func entry(named name: String) -> LossEntry? {
    entries[name] ?? dialectEntries[registered(name)]?.entry
  }

  /// The dialect entry for a name of another framework; nil for our names.
  public func dialectEntry(named name: String) -> DialectEntry? {
    dialectEntries[registered(name)]?.dialectEntry
  }

  /// The plug-in that registered a name; nil if there is none.
  public func plugin(named name: String) -> String? { owners[registered(name)] }

  /// The registered form of a name: another prefix of a dialect gives way to its own.
  func registered(_ name: String) -> String {
    guard owners[name] == nil,
      let (alias, dialect) = aliases.first(where: { name.hasPrefix($0.alias + ".") })
    else { return name }
    return dialect + name.dropFirst(alias.count)
  }

  /// Makes a loss from a name and options.
  ///
  /// - Parameters:
  ///   - name: one of our names, or a name of another framework with its prefix.
  ///   - options: options keyed by the option names of the framework that `name` belongs to.
  ///   - reduction: the reduction of the terms, in the sense of the framework that `name` belongs to;
  ///     nil for the default of the name.
  ///   - classAxis: the class axis; nil for the default of the name.
  /// - Throws: `LossError` of code `unknown_loss`, with the nearest name as a hint,
  ///   `unknown_option` or `invalid_option`.
  public func loss(
    named name: String, options: [String: OptionValue] = [:], reduction: Reduction? = nil,
    classAxis: Int? = nil
  ) throws(LossError) -> ConfiguredLoss {
    if let clash = clashes.first { throw clash }
    do throws(LossError) {
      if let entry = entries[name] {
        return ConfiguredLoss(
          try entry.make(options, self), reduction: reduction, classAxis: classAxis)
      }
      let registered = registered(name)
      guard let (entry, dialectEntry) = dialectEntries[registered] else { throw unknown(name) }
      let resolution = try dialectEntry.resolution(
        name: String(registered.dropFirst(dialectEntry.dialect.name.count + 1)), options,
        reduction: reduction, classAxis: classAxis)
      let configuration = LossConfiguration(
        name, options: options, reduction: reduction, classAxis: classAxis)
      let hints = DialectHints(
        registry: self, entry: entry, dialectEntry: dialectEntry, name: resolution.name,
        options: options)
      return ConfiguredLoss(
        try entry.make(resolution.options, self), resolution, dialectEntry, configuration,
        translating: { hints.translated($0) }
      ) { (more, other) throws(LossError) in
        try loss(
          named: name, options: options.merging(more) { $1 }, reduction: other ?? reduction,
          classAxis: classAxis)
      }
    } catch {
      throw (dialectEntry(named: name)?.renamed(error) ?? error).named(name)
    }
  }

  /// Makes the loss that a configuration describes.
  ///
  /// - Throws: `LossError` as `loss(named:)` does.
  public func loss(_ configuration: LossConfiguration) throws(LossError) -> ConfiguredLoss {
    try loss(
      named: configuration.loss, options: configuration.options,
      reduction: configuration.reduction, classAxis: configuration.classAxis)
  }

  private func unknown(_ name: String) -> LossError {
    LossError(
      .unknownLoss, subject: name, found: "no loss has this name",
      expected: "one of \(entries.count + dialectEntries.count) names", hint: hint(for: name))
  }
}
