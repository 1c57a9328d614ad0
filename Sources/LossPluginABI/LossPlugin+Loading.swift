internal import CLossPlugin
public import LossCore

extension LossPlugin {
  /// Loads the losses of a shared library, which stays loaded until the process exits.
  ///
  ///     let mine = try LossPlugin(contentsOf: "./libMyLossesPlugin.so")
  ///     let registry = try LossRegistry(LossRegistry.linked.plugins + [mine])
  ///     let loss = try registry.loss(named: "my_cauchy", options: ["scale": 2])
  ///
  /// Loading a library runs its code: load trusted libraries only.
  ///
  /// - Parameter path: the path of the file; a bare name refers to the current folder.
  /// - Throws: `LossError` of code `unreadable_file` for a file that does not exist or is not a library
  ///   of losses, and `invalid_value` for a library with another version of the plug-in table or one
  ///   that violates the rules of CLossPlugin.h.
  public init(contentsOf path: String) throws(LossError) {
    let entry = unsafeBitCast(
      try LibraryFile(path).symbol("loss_plugin_v1"),
      to: (@convention(c) () -> UnsafeRawPointer?).self)
    try self.init(table: entry(), path: path)
  }

  /// The losses of a table, which must stay valid until the process exits.
  init(table: UnsafeRawPointer?, path: String) throws(LossError) {
    let library = try PluginLibrary(table, path: path)
    do throws(LossError) {
      let manifest = try library.manifest()
      let entries = try manifest.objects("losses").map { (entry) throws(LossError) in
        try LossEntry(entry, in: library)
      }
      self.init(try manifest.value("name"), entries)
    } catch {
      throw error.named(path)
    }
  }
}

extension LossEntry {
  fileprivate init(_ manifest: PluginManifest, in library: PluginLibrary) throws(LossError) {
    let name: String = try manifest.value("name")
    self.init(
      metadata: LossMetadata(
        name, try manifest.value("summary", otherwise: ""),
        formula: try manifest.value("formula", otherwise: ""),
        domain: try manifest.value("domain", otherwise: ""),
        gradient: try manifest.value("gradient", otherwise: ""),
        usage: try manifest.value("usage", otherwise: ""),
        related: try manifest.value("related", otherwise: []),
        alsoKnownAs: try manifest.value("also_known_as", otherwise: []),
        references: try manifest.value("references", otherwise: []),
        dialectEntries: try manifest.optionalObjects("spellings").map {
          (dialectEntry) throws(LossError) in
          try DialectEntry(dialectEntry, in: library)
        }),
      kind: try manifest.value("kind", otherwise: .loss),
      options: try manifest.optionalObjects("options").map { (option) throws(LossError) in
        try OptionDescription(option)
      },
      signature: try LossSignature(manifest.inner("signature")),
      defaultReduction: try manifest.value("reduction", otherwise: .mean),
      properties: try manifest.properties()
    ) { (options, _) throws(LossError) in
      LoadedLoss(options: LoadedLoss.Options(try RemoteLoss(manifest, options, in: library)))
    }
  }
}

extension DialectEntry {
  /// A dialect entry that the library resolves: options are collected here under the names of the
  /// framework, and resolved in the library all at once.
  fileprivate init(_ manifest: PluginManifest, in library: PluginLibrary) throws(LossError) {
    func options(_ manifest: PluginManifest) throws(LossError) -> [DialectOption] {
      try manifest.optionalObjects("options").map { (option) throws(LossError) in
        let names: [String] = try option.value("names")
        let summary: String = try option.value("summary", otherwise: "")
        let known = DialectOption(names: names, summary: summary) { (value, resolution) in
          resolution.options[names.first ?? ""] = value
        }
        return try option.value("tensor", otherwise: false) ? known.tensor : known
      }
    }
    let dialect = try manifest.inner("dialect")
    let prefix: String = try dialect.value("name")
    let names: [String] = try manifest.value("names")
    let name = "\(prefix).\(names.first ?? "")"
    let arguments = try manifest.optionalObjects("arguments")
    let optionalArguments: [Role] = try manifest.value("optional_arguments", otherwise: [])
    let entry = DialectEntry(
      Dialect(
        prefix, title: try dialect.value("title", otherwise: prefix),
        aliases: try dialect.value("aliases", otherwise: []), options: try options(dialect)), names,
      arguments: try arguments.indices.map { (index) throws(LossError) in
        try DialectArgument(arguments[index], index, of: name, in: library)
      },
      options: try options(manifest)
    ) { (resolution) throws(LossError) in
      resolution = try library.resolution(prefix, resolution)
    }
    let checks: String = try manifest.value("checks", otherwise: "")
    let inputNames = try manifest.optionalObjects("input_names").map {
      (argument) throws(LossError) in
      DialectArgument(try argument.value("role"), names: try argument.value("names"))
    }
    self = inputNames.reduce(optionalArguments.reduce(entry) { $0.followed(by: $1) }) {
      $0.naming($1)
    }
    .checking(DomainChecks(rawValue: checks) ?? .data)
  }
}

extension DialectArgument {
  fileprivate init(
    _ manifest: PluginManifest, _ index: Int, of name: String, in library: PluginLibrary
  ) throws(LossError) {
    let role: Role = try manifest.value("role")
    let names: [String] = try manifest.value("names")
    guard try manifest.value("adapted", otherwise: false) else {
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
