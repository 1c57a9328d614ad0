internal import LossCore

/// The migration table: the names of other frameworks with their equivalents.
struct MigrationPage {
  let registry: LossRegistry

  var html: String {
    let links = registry.dialects.map { HTML.link("#\($0.name)", HTML.escaped($0.title)) }
    let sections = registry.dialects.map { dialect in
      "<section id=\"\(HTML.escaped(dialect.name))\">\n<h2>\(HTML.escaped(dialect.title))</h2>\n"
        + HTML.table(["Name", "Ours", "With"], rows(of: dialect)) + "\n</section>\n"
    }
    let body = """
      <h1>Migration table</h1>
      <p class="summary">The names of other frameworks with their equivalents here. Every name can be used
      directly: it accepts the options and arguments of that framework and has its defaults, which the
      last column lists as our options.</p>
      <p>\(links.joined(separator: " · "))</p>
      \(sections.joined())
      """
    return HTML.page(title: "Migration table · losses", root: "", body: body)
  }

  private func rows(of dialect: Dialect) -> [[String]] {
    let found = registry.plugins.flatMap(\.losses).flatMap { entry in
      entry.metadata.dialectEntries.filter { $0.dialect.name == dialect.name }.flatMap {
        dialectEntry in
        dialectEntry.qualifiedNames.map { (name: $0, entry: entry) }
      }
    }
    return found.sorted { $0.name < $1.name }.map { name, entry in
      let loss = try? registry.loss(named: name)
      let with = loss?.differences(from: entry).map { "\($0.key) = \($0.value.text)" } ?? []
      return [
        HTML.code(name),
        HTML.link(Catalog.path(of: entry.metadata.name), HTML.breakable(entry.metadata.name)),
        with.map(HTML.breakable).joined(separator: ", "),
      ]
    }
  }
}
