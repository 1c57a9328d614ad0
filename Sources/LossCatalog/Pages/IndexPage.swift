internal import LossCore

/// The index page: every loss by family, and a search over all names.
struct IndexPage {
  let registry: LossRegistry

  var html: String {
    let count = registry.plugins.map(\.losses.count).reduce(0, +)
    let families = registry.plugins.filter { !$0.losses.isEmpty }.map { plugin in
      let rows = plugin.losses.map { entry in
        "<li><a href=\"\(Catalog.path(of: entry.metadata.name))\">\(HTML.breakable(entry.metadata.name))</a>"
          + "<span>\(HTML.escaped(entry.metadata.summary))</span></li>"
      }
      return
        "<section id=\"\(HTML.escaped(plugin.name))\">\n<h2>\(HTML.escaped(plugin.name))</h2>\n"
        + "<ul class=\"losses\">\n\(rows.joined(separator: "\n"))\n</ul>\n</section>\n"
    }
    let body = """
      <h1>Losses</h1>
      <p class="summary">\(count) loss functions by family. The search also finds the names of other frameworks.</p>
      <search><label for="query">Search</label>
      <input id="query" type="search" autocomplete="off" placeholder="a name, also of another framework, or a word"></search>
      <ul class="losses" id="found" aria-live="polite" hidden></ul>
      <div id="families">
      \(families.joined())</div>
      <script type="application/json" id="losses">\(json)</script>
      <script src="search.js"></script>

      """
    return HTML.page(title: "Losses", root: "", body: body)
  }

  /// The search index: name, page, summary and all other names.
  private var json: String {
    let items = registry.plugins.flatMap { plugin in
      plugin.losses.map { entry in
        let words = [plugin.name] + entry.metadata.dialectEntries.flatMap(\.qualifiedNames)
        return
          "{\"name\":\(quoted(entry.metadata.name)),\"page\":\(quoted(Catalog.path(of: entry.metadata.name))),"
          + "\"summary\":\(quoted(entry.metadata.summary)),"
          + "\"words\":[\(words.map(quoted).joined(separator: ","))]}"
      }
    }
    return "[\n\(items.joined(separator: ",\n"))\n]"
  }

  /// A JSON string that is safe inside a script element.
  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "<", ">", "&",
        _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
