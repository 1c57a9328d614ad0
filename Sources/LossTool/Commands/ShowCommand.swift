import Foundation
import LossFunctions
import LossPlots

extension CommandOption {
  fileprivate static let ascii = CommandOption(
    "--ascii", "draw the plot in ASCII, the default if the locale is not Unicode")
}

extension Command {
  static let show = Command(
    name: "show", summary: "Describe a loss: formula, inputs, options, properties and plot",
    parameters: [
      Parameter(
        name: "NAME", summary: "a loss by our name, or by that of another framework",
        completion: .loss)
    ],
    options: [.plugin, .ascii, .json],
    examples: [
      Example(arguments: ["show", "huber"]), Example(arguments: ["show", "flux.huber_loss"]),
    ]
  ) { arguments, console in
    let registry = try arguments.registry()
    let name = arguments.positionals[0]
    // Creates the loss, since the error for an unknown name then suggests a similar one, and since the
    // loss has the options that a framework's name resolves to.
    let loss = try registry.loss(named: name)
    guard let entry = registry.entry(named: name) else { return 0 }
    let isJSON = arguments.has(.json)
    let text: String
    if let dialectEntry = loss.dialectEntry {
      let page = DialectPage(name: name, dialectEntry: dialectEntry, entry: entry, loss: loss)
      text = isJSON ? page.json.written() : page.text + smallPlot(of: loss, arguments)
    } else {
      let family = registry.plugin(named: name) ?? ""
      let page = LossTextPage(entry: entry, family: family, loss: loss.base)
      text = isJSON ? page.json.written() : page.text + smallPlot(of: loss, arguments)
    }
    console.output.write(line: text)
    return 0
  }
}

/// A small plot below the page; empty for a loss that cannot be plotted.
private func smallPlot(of loss: ConfiguredLoss, _ arguments: Arguments) -> String {
  guard let slice = try? LossSlice(of: loss),
    let curve = try? Curve(loss.name, slice, searchesKinks: false)
  else { return "" }
  let glyphs: TerminalPlot.GlyphSet =
    arguments.has(.ascii) || !Locale.isUnicode ? .ascii : .braille
  let fixed = slice.held.isEmpty ? "" : ", \(slice.held)"
  var page = TextPage([""])
  page.add(
    "Plot, against the \(slice.axis)\(fixed)", TerminalPlot.lines(of: curve, glyphs: glyphs))
  return page.text
}

extension Locale {
  /// Whether the locale of the environment is Unicode.
  fileprivate static var isUnicode: Bool {
    let environment = ProcessInfo.processInfo.environment
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let letters = name?.lowercased().filter(\.isLetter) ?? ""
    return letters.contains("utf")
  }
}

/// A page for a terminal: titled paragraphs.
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
