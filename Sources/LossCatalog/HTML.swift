import LossPlots

/// Pieces of HTML.
enum HTML {
  /// A text with the marks of HTML spelled out.
  static func escaped(_ text: String) -> String { Markup.escaped(text) }

  static func code(_ text: String) -> String { "<code>\(breakable(text))</code>" }

  /// A long name that may go on in another line after a dot or an underscore between letters.
  static func breakable(_ name: String) -> String {
    let letters = Array(escaped(name))
    return letters.indices.map { index in
      let isJoint = letters[index] == "_" || letters[index] == "."
      let isInside = index + 1 < letters.count && letters[index + 1].isLetter
      return isJoint && isInside ? "\(letters[index])<wbr>" : String(letters[index])
    }.joined()
  }

  static func link(_ address: String, _ text: String) -> String {
    "<a href=\"\(escaped(address))\">\(text)</a>"
  }

  /// A section with a heading; nothing if there is nothing in it.
  static func section(_ title: String, _ content: String) -> String {
    guard !content.isEmpty else { return "" }
    return "<section>\n<h2>\(escaped(title))</h2>\n\(content)\n</section>\n"
  }

  static func list(_ items: [String]) -> String {
    guard !items.isEmpty else { return "" }
    return "<ul>\n\(items.map { "<li>\($0)</li>" }.joined(separator: "\n"))\n</ul>"
  }

  /// A table in a box that scrolls by itself where the page is narrow.
  static func table(_ heads: [String], _ rows: [[String]]) -> String {
    guard !rows.isEmpty else { return "" }
    let head = heads.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      // On a narrow page each cell is a line with its head before it.
      let cells = zip(heads, row).map { head, cell in
        "<td data-head=\"\(escaped(head))\">\(cell)</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return "<div class=\"table\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + "\(body.joined(separator: "\n"))\n</tbody>\n</table></div>"
  }

  /// A listing that can be reached, and scrolled, with the keyboard.
  static func listing(_ text: String) -> String {
    "<pre tabindex=\"0\"><code>\(escaped(text))</code></pre>"
  }

  /// A whole page.
  ///
  /// - Parameter root: the way up to the folder of the site: empty or `../`.
  static func page(title: String, root: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="\(root)style.css">
    </head>
    <body>
    <header><nav aria-label="Site">\(link("\(root)index.html", "Losses"))
    \(link("\(root)migration.html", "Migration table"))</nav></header>
    <main>
    \(body)</main>
    </body>
    </html>

    """
  }
}
