internal import LossCore

/// The page of the names of one framework.
struct DialectReference {
  let dialect: Dialect
  let registry: LossRegistry

  init(_ dialect: Dialect, of registry: LossRegistry) {
    self.dialect = dialect
    self.registry = registry
  }

  var text: String {
    var introduction = """
      The names of \(dialect.title) that a loss here answers to. *Arguments* are in the order of \
      \(dialect.title), each with our role where its name differs. *Options* are those of \
      \(dialect.title), each with what it sets here. *With* is what a name sets before any option \
      is given: options of ours that differ from our defaults, the reduction and the class axis.
      """
    if !dialect.aliases.isEmpty {
      let prefixes = Markdown.codes(dialect.aliases.map { "\($0)." })
      introduction += "\n\nThe prefix may also be \(prefixes)."
    }
    if !dialect.options.isEmpty {
      introduction += "\n\nOptions of every name: \(options(dialect.options))."
    }
    let sections = registry.plugins.flatMap { plugin -> [String] in
      let names = plugin.losses.flatMap { entry in
        entry.metadata.dialectEntries.filter { $0.dialect.name == dialect.name }
          .flatMap { rows($0, of: entry) }
      }
      return names.isEmpty
        ? []
        : [
          "## \(plugin.name)",
          Markdown.table(["Names", "Loss", "Arguments", "Options", "With"], names),
        ]
    }
    return Markdown.page(title: "Names of \(dialect.title)", [introduction] + sections)
  }

  /// A row for the names that set the same: a function and a class may differ.
  private func rows(_ dialectEntry: DialectEntry, of entry: LossEntry) -> [[String]] {
    var groups: [(with: String, names: [String])] = []
    for name in dialectEntry.qualifiedNames {
      let differences = (try? registry.loss(named: name))?.differences(from: entry) ?? []
      let with = differences.map { Markdown.code("\($0.key) = \($0.value.text)") }
        .joined(separator: ", ")
      if let index = groups.firstIndex(where: { $0.with == with }) {
        groups[index].names.append(name)
      } else {
        groups.append((with, [name]))
      }
    }
    return groups.enumerated().map { index, group in
      [
        group.names.map(Markdown.code).joined(separator: "<br>"),
        Markdown.code(entry.metadata.name),
        index == 0 ? dialectEntry.arguments.map(argument).joined(separator: ", ") : "as above",
        index == 0 ? options(dialectEntry.options) : "as above", group.with,
      ]
    }
  }

  private func argument(_ argument: DialectArgument) -> String {
    let names = argument.names.map(Markdown.code).joined(separator: " or ")
    let isSame = argument.names == [argument.role.name]
    let notes =
      (isSame ? [] : [argument.role.name]) + (argument.isAdapted ? ["in another layout"] : [])
    return notes.isEmpty ? names : "\(names) (\(notes.joined(separator: ", ")))"
  }

  private func options(_ options: [DialectOption]) -> String {
    options.map { option in
      "\(option.names.map(Markdown.code).joined(separator: " or ")): \(option.summary)"
    }.joined(separator: "; ")
  }
}
