import LossPlots

/// HTML building blocks.
enum HTML {
  /// A text with HTML special characters escaped.
  static func escaped(_ text: String) -> String { Markup.escaped(text) }

  static func code(_ text: String) -> String { "<code>\(breakable(text))</code>" }

  /// A name that can break after a dot or an underscore before a letter.
  static func breakable(_ name: String) -> String {
    let letters = Array(escaped(name))
    return letters.indices.map { index in
      let isSeparator = letters[index] == "_" || letters[index] == "."
      let isInside = index + 1 < letters.count && letters[index + 1].isLetter
      return isSeparator && isInside ? "\(letters[index])<wbr>" : String(letters[index])
    }.joined()
  }

  static func link(_ address: String, _ text: String) -> String {
    "<a href=\"\(escaped(address))\">\(text)</a>"
  }

  /// A section with a heading; empty if it has no content.
  static func section(_ title: String, _ content: String) -> String {
    guard !content.isEmpty else { return "" }
    return "<section>\n<h2>\(escaped(title))</h2>\n\(content)\n</section>\n"
  }

  static func list(_ items: [String]) -> String {
    guard !items.isEmpty else { return "" }
    return "<ul>\n\(items.map { "<li>\($0)</li>" }.joined(separator: "\n"))\n</ul>"
  }

  /// A table that scrolls horizontally on a narrow page.
  static func table(_ headings: [String], _ rows: [[String]]) -> String {
    guard !rows.isEmpty else { return "" }
    let head = headings.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      // On a narrow page, each cell is a line that begins with its heading.
      let cells = zip(headings, row).map { heading, cell in
        "<td data-head=\"\(escaped(heading))\">\(cell)</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return "<div class=\"table\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
      + "\(body.joined(separator: "\n"))\n</tbody>\n</table></div>"
  }

  /// A code listing that can be focused and scrolled with the keyboard.
  static func listing(_ text: String) -> String {
    "<pre tabindex=\"0\"><code>\(escaped(text))</code></pre>"
  }

  /// A complete page.
  ///
  /// - Parameters:
  ///   - root: the relative path to the folder of the site: empty or `../`.
  ///   - isWide: whether the content is as wide as cards in columns need.
  static func page(title: String, root: String, isWide: Bool = false, body: String) -> String {
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
    <body\(isWide ? " class=\"wide\"" : "")>
    <header><nav aria-label="Site">\(link("\(root)index.html", "Losses"))
    \(link("\(root)migration.html", "Migration table"))</nav></header>
    <main>
    \(body)</main>
    </body>
    </html>

    """
  }
}
