internal import CLossPlugin
public import LossCore

extension LossPlugin {
  /// The losses of a shared library, which stays loaded as long as the process lasts.
  ///
  ///     let mine = try LossPlugin(contentsOf: "./libMyLossesPlugin.so")
  ///     let registry = try LossRegistry(LossRegistry.linked.plugins + [mine])
  ///     let loss = try registry.loss(named: "my_cauchy", options: ["scale": 2])
  ///
  /// Loading a library runs its code: load none that you would not run.
  ///
  /// - Parameter path: the file; never searched for, so that a bare name means the current folder.
  /// - Throws: `LossError` of code `unreadable_file` for a file that is not there or is no library of
  ///   losses, and `invalid_value` for a library that speaks another version of the boundary or
  ///   breaks its rules.
  public init(contentsOf path: String) throws(LossError) {
    let entry = unsafeBitCast(
      try LibraryFile(path).symbol("loss_plugin_v1"),
      to: (@convention(c) () -> UnsafeRawPointer?).self)
    try self.init(table: entry(), path: path)
  }

  /// The losses of a table that lasts as long as the process.
  init(table: UnsafeRawPointer?, path: String) throws(LossError) {
    let library = try LossLibrary(table, path: path)
    do throws(LossError) {
      let description = try library.description()
      let entries = try description.objects("losses").map { (entry) throws(LossError) in
        try LossEntry(entry, in: library)
      }
      self.init(try description.value("name"), entries)
    } catch {
      throw error.named(path)
    }
  }
}

extension LossEntry {
  fileprivate init(_ description: PluginManifest, in library: LossLibrary) throws(LossError) {
    let name: String = try description.value("name")
    self.init(
      metadata: LossMetadata(
        name, try description.value("summary", otherwise: ""),
        formula: try description.value("formula", otherwise: ""),
        domain: try description.value("domain", otherwise: ""),
        gradient: try description.value("gradient", otherwise: ""),
        usage: try description.value("usage", otherwise: ""),
        related: try description.value("related", otherwise: []),
        alsoKnownAs: try description.value("also_known_as", otherwise: []),
        references: try description.value("references", otherwise: []),
        dialectEntries: try description.optionalObjects("spellings").map {
          (dialectEntry) throws(LossError) in
          try DialectEntry(dialectEntry, in: library)
        }),
      kind: try description.value("kind", otherwise: .loss),
      options: try description.optionalObjects("options").map { (option) throws(LossError) in
        try OptionDescription(option)
      },
      signature: try LossSignature(description.inner("signature")),
      defaultReduction: try description.value("reduction", otherwise: .mean),
      properties: try description.properties()
    ) { (options, _) throws(LossError) in
      LoadedLoss(options: LoadedLoss.Options(try RemoteLoss(description, options, in: library)))
    }
  }
}

extension DialectEntry {
  /// A spelling whose rules stay in the library: options are gathered here in the framework's words
  /// and read there, all at once.
  fileprivate init(_ description: PluginManifest, in library: LossLibrary) throws(LossError) {
    func options(_ description: PluginManifest) throws(LossError) -> [DialectOption] {
      try description.optionalObjects("options").map { (option) throws(LossError) in
        let names: [String] = try option.value("names")
        return DialectOption(names: names, summary: try option.value("summary", otherwise: "")) {
          (value, selection) in
          selection.options[names.first ?? ""] = value
        }
      }
    }
    let dialect = try description.inner("dialect")
    let prefix: String = try dialect.value("name")
    let names: [String] = try description.value("names")
    let name = "\(prefix).\(names.first ?? "")"
    let arguments = try description.optionalObjects("arguments")
    self.init(
      Dialect(
        prefix, title: try dialect.value("title", otherwise: prefix),
        aliases: try dialect.value("aliases", otherwise: []), options: try options(dialect)), names,
      arguments: try arguments.indices.map { (index) throws(LossError) in
        try DialectArgument(arguments[index], index, of: name, in: library)
      },
      options: try options(description)
    ) { (selection) throws(LossError) in
      selection = try library.selection(prefix, selection)
    }
  }
}

extension DialectArgument {
  fileprivate init(
    _ description: PluginManifest, _ index: Int, of name: String, in library: LossLibrary
  ) throws(LossError) {
    let role: Role = try description.value("role")
    let names: [String] = try description.value("names")
    guard try description.value("adapted", otherwise: false) else {
      self.init(role, names: names)
      return
    }
    self.init(role, names: names) { (tensor) throws(LossError) in
      try library.adapt(index, of: name, tensor, restores: false)
    } restore: { (gradient) throws(LossError) in
      try library.adapt(index, of: name, gradient, restores: true)
    }
  }
}
