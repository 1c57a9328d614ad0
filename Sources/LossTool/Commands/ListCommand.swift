import LossFunctions

extension CommandOption {
  fileprivate static let family = CommandOption(
    "--family", value: "F", "only this family",
    completion: .family)
  fileprivate static let dialect = CommandOption(
    "--dialect", value: "D", "the names of this framework, with our equivalents",
    completion: .dialect)
  fileprivate static let search = CommandOption(
    "--search", value: "WORD", "only losses that the word describes, the best match first")
}

extension Command {
  static let list = Command(
    name: "list", summary: "List the losses by family, or the names of another framework",
    options: [.family, .dialect, .search, .plugin, .json],
    examples: [
      Example(arguments: ["list", "--family", "sequence"]),
      Example(arguments: ["list", "--dialect", "flux", "--family", "segmentation"]),
      Example(arguments: ["list", "--search", "log-likelihood"]),
    ]
  ) { arguments, console in
    let registry = try arguments.registry()
    let family = try arguments.choice(of: .family, among: registry.plugins.map(\.name))
    let dialect = try arguments.choice(of: .dialect, among: registry.dialects.map(\.name))
    var plugins = registry.plugins.filter { family == nil || $0.name == family }
    if let word = arguments.value(of: .search) {
      let names = Set(plugins.flatMap(\.losses).map(\.metadata.name))
      let found = registry.search(word).filter { names.contains($0.metadata.name) }
      // A list of their own, in the order of the search.
      plugins = [LossPlugin(found.isEmpty ? "no loss" : "search", found)]
    }
    let isJSON = arguments.has(.json)
    let text =
      switch (dialect, isJSON) {
      case (let dialect?, true): DialectName.all(of: dialect, in: plugins).json
      case (let dialect?, false): DialectName.all(of: dialect, in: plugins).text
      case (nil, true): lossesJSON(plugins)
      case (nil, false): lossesText(plugins)
      }
    if !text.isEmpty { console.output.write(line: text) }
    return 0
  }
}

private func lossesText(_ plugins: [LossPlugin]) -> String {
  // One width for all families, so that the summaries are aligned.
  let rows = plugins.flatMap { $0.losses.map { [$0.metadata.name, $0.metadata.summary] } }
  var lines = Columns.lines(rows)[...]
  return plugins.map { plugin in
    defer { lines = lines.dropFirst(plugin.losses.count) }
    return ([plugin.name] + lines.prefix(plugin.losses.count)).joined(separator: "\n")
  }.joined(separator: "\n\n")
}

private func lossesJSON(_ plugins: [LossPlugin]) -> String {
  let items = plugins.flatMap { plugin in
    plugin.losses.map { entry in
      JSONText.object([
        ("name", .text(entry.metadata.name)), ("family", .text(plugin.name)),
        ("summary", .text(entry.metadata.summary)),
        ("kind", .text(entry.kind.rawValue)),
        ("traits", .texts(entry.properties.map(\.description))),
        ("spellings", .texts(entry.metadata.dialectEntries.flatMap(\.qualifiedNames))),
      ])
    }
  }
  return JSONText.list(items).written()
}

/// A name of another framework, with the loss that it refers to.
private struct DialectName {
  let name: String
  /// The first name of the same function, unless it is this one.
  let sameAs: String?
  let family: String
  let metadata: LossMetadata

  static func all(of dialect: String, in plugins: [LossPlugin]) -> [DialectName] {
    plugins.flatMap { plugin in
      plugin.losses.flatMap { entry in
        entry.metadata.dialectEntries.filter { $0.dialect.name == dialect }.flatMap {
          dialectEntry in
          let names = dialectEntry.qualifiedNames
          return names.map { name in
            DialectName(
              name: name, sameAs: name == names.first ? nil : names.first, family: plugin.name,
              metadata: entry.metadata)
          }
        }
      }
    }
  }
}

extension [DialectName] {
  fileprivate var text: String {
    let rows = map { name in
      [name.name, name.metadata.name] + (name.sameAs.map { ["same as \($0)"] } ?? [])
    }
    return Columns.lines(rows, indent: 0).joined(separator: "\n")
  }

  fileprivate var json: String {
    let items = map { name in
      JSONText.object([
        ("name", .text(name.name)), ("loss", .text(name.metadata.name)),
        ("family", .text(name.family)), ("summary", .text(name.metadata.summary)),
        ("same_as", name.sameAs.map(JSONText.text) ?? .null),
      ])
    }
    return JSONText.list(items).written()
  }
}
