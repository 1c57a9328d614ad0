internal import LossCore

/// The index page: a card for every loss by family, filters, and a search over all names.
struct IndexPage {
  let registry: LossRegistry
  let plots: [String: LossPlot]

  private var families: [LossPlugin] { registry.plugins.filter { !$0.losses.isEmpty } }

  var html: String {
    let count = families.map(\.losses.count).reduce(0, +)
    let anchors = families.map { plugin in
      HTML.link("#\(plugin.name)", "\(HTML.escaped(plugin.name))") + " \(plugin.losses.count)"
    }
    let sections = families.map { plugin in
      "<section id=\"\(HTML.escaped(plugin.name))\">\n<h2>\(HTML.escaped(plugin.name))</h2>\n"
        + "<ul class=\"cards\">\n\(plugin.losses.map(card).joined(separator: "\n"))\n</ul>\n</section>\n"
    }
    let body = """
      <h1>Losses</h1>
      <p class="summary">\(count) loss functions, with their plots, gradients and examples. The search
      also finds the names of other frameworks.</p>
      <div id="search" role="search"><div><label for="query">Search</label>
      <input id="query" type="search" autocomplete="off" spellcheck="false" \
      placeholder="mse, MSELoss, class imbalance, …"></div>
      <div id="filters" hidden>
      \(filters)</div></div>
      <p id="anchors">\(anchors.joined(separator: " · "))</p>
      <p id="count" role="status"></p>
      <ul class="cards" id="found" hidden></ul>
      <div id="families">
      \(sections.joined())</div>
      <script type="application/json" id="losses">\(json)</script>
      <script src="search.js"></script>

      """
    return HTML.page(title: "Losses", root: "", isWide: true, body: body)
  }

  private func card(_ entry: LossEntry) -> String {
    let metadata = entry.metadata
    let link = HTML.link(Catalog.path(of: metadata.name), HTML.breakable(metadata.name))
    return "<li>\(plots[metadata.name]?.thumbnail ?? "")<h3>\(link)</h3>"
      + "<p>\(HTML.escaped(metadata.summary))</p></li>"
  }

  // MARK: Filters

  /// A menu of the frameworks, and a group of buttons for the tasks.
  private var filters: String {
    let tasks = ([("", "all")] + tasks.map { ($0, $0) }).enumerated().map { index, task in
      let checked = index == 0 ? " checked=\"\"" : ""
      return
        "<label><input type=\"radio\" name=\"task\" value=\"\(HTML.escaped(task.0))\"\(checked)>"
        + "<span>\(HTML.escaped(task.1))</span></label>"
    }
    let frameworks = ([("", "any")] + registry.dialects.map { ($0.name, $0.title) }).map {
      "<option value=\"\(HTML.escaped($0.0))\">\(HTML.escaped($0.1))</option>"
    }
    return """
      <div><label for="framework">Available in</label>
      <select id="framework">\(frameworks.joined())</select></div>
      <fieldset><legend>Task</legend>
      \(tasks.joined(separator: "\n"))
      </fieldset>

      """
  }

  /// The families, and what losses of several families are used for.
  private var tasks: [String] {
    var tasks = families.map(\.name)
    for task in Self.words.map(\.task)
    where !tasks.contains(task)
      && families.contains(where: { plugin in
        plugin.losses.contains { self.tasks(of: $0, plugin.name).contains(task) }
      })
    {
      tasks.append(task)
    }
    return tasks.sorted()
  }

  /// The words of the usage that tell a task.
  private static let words: [(task: String, words: [String])] = [
    ("classification", ["classif"]), ("regression", ["regress"]), ("ranking", ["learning to rank"]),
    ("embedding", ["embedding", "metric learning", "retrieval"]),
    ("segmentation", ["segmentation"]), ("detection", ["detect", "bounding-box"]),
    ("sequence", ["speech"]), ("distributions", ["distribution", "distillation"]),
    ("regularization", ["added to a loss"]),
  ]

  /// The family of a loss, and the tasks that its usage tells.
  private func tasks(of entry: LossEntry, _ family: String) -> [String] {
    let usage = entry.metadata.usage.lowercased()
    let told = Self.words.filter { task in task.words.contains { usage.contains($0) } }
    return [family] + told.map(\.task).filter { $0 != family }
  }

  // MARK: Search

  /// What is searched and filtered, in the order of the cards.
  private var json: String {
    let items = families.flatMap { plugin in
      plugin.losses.map { entry in
        let metadata = entry.metadata
        var frameworks: [String] = []
        for name in metadata.dialectEntries.map(\.dialect.name) where !frameworks.contains(name) {
          frameworks.append(name)
        }
        return JSONText.object([
          "name": JSONText.string(metadata.name),
          "page": JSONText.string(Catalog.path(of: metadata.name)),
          "summary": JSONText.string(metadata.summary),
          "usage": JSONText.string(metadata.usage),
          "known": JSONText.strings(metadata.alsoKnownAs),
          "words": JSONText.strings(metadata.dialectEntries.flatMap(\.qualifiedNames)),
          "tasks": JSONText.strings(tasks(of: entry, plugin.name)),
          "frameworks": JSONText.strings(frameworks),
        ])
      }
    }
    return "[\n\(items.joined(separator: ",\n"))\n]"
  }
}
