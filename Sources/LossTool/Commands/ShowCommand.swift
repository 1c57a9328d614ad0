import LossFunctions

extension Command {
  static let show = Command(
    name: "show", summary: "Show what there is to say about a loss",
    parameters: [Parameter(name: "NAME", summary: "a name of ours, or of another framework")],
    options: [.plugin, .json],
    examples: [
      Example(arguments: ["show", "huber"]), Example(arguments: ["show", "flux.huber_loss"]),
    ]
  ) { arguments, console in
    let registry = try arguments.registry()
    let name = arguments.positionals[0]
    // Asked for the loss, not for its entry, since the registry then says what an unknown name is
    // near to; made without options it also shows what a framework's name comes to.
    let loss = try registry.loss(named: name)
    guard let entry = registry.entry(named: name) else { return 0 }
    let isJSON = arguments.has(.json)
    let text: String
    if let spelling = loss.spelling {
      let page = SpellingPage(name: name, spelling: spelling, entry: entry, loss: loss)
      text = isJSON ? page.json.written() : page.text
    } else {
      let page = LossPage(entry: entry, family: registry.plugin(named: name) ?? "")
      text = isJSON ? page.json.written() : page.text
    }
    console.output.write(line: text)
    return 0
  }
}

/// Paragraphs with a title each, as a page for a terminal.
struct TextPage {
  var lines: [String]

  init(_ lines: [String]) { self.lines = lines }

  mutating func add(_ title: String, _ text: [String]) {
    guard !text.isEmpty else { return }
    lines += ["", title] + text.map { "  \($0)" }
  }

  mutating func add(_ title: String, rows: [[String]]) {
    add(title, Columns.lines(rows, indent: 0))
  }

  var text: String { lines.joined(separator: "\n") }
}
