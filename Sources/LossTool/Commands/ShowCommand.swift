import Foundation
import LossFunctions
import LossPlots

extension CommandOption {
  fileprivate static let ascii = CommandOption(
    "--ascii", "draw the plot in plain letters, as where the locale has no Unicode")
}

extension Command {
  static let show = Command(
    name: "show", summary: "Show what there is to say about a loss",
    parameters: [
      Parameter(name: "NAME", summary: "a name of ours, or of another framework", expects: .loss)
    ],
    options: [.plugin, .ascii, .json],
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
    if let dialectEntry = loss.dialectEntry {
      let page = DialectPage(name: name, dialectEntry: dialectEntry, entry: entry, loss: loss)
      text = isJSON ? page.json.written() : page.text + smallPlot(of: loss, arguments)
    } else {
      let page = LossTextPage(entry: entry, family: registry.plugin(named: name) ?? "")
      text = isJSON ? page.json.written() : page.text + smallPlot(of: loss, arguments)
    }
    console.output.write(line: text)
    return 0
  }
}

/// A small plot below the page; nothing for a loss that one number does not describe.
private func smallPlot(of loss: ConfiguredLoss, _ arguments: Arguments) -> String {
  guard let slice = try? LossSlice(of: loss), let curve = try? Curve(loss.name, slice) else {
    return ""
  }
  let letters: TerminalPlot.Letters =
    arguments.has(.ascii) || !Locale.isUnicode ? .ascii : .braille
  let held = slice.held.isEmpty ? "" : ", \(slice.held)"
  var page = TextPage([""])
  page.add(
    "Plot, against the \(slice.axis)\(held)", TerminalPlot.lines(of: curve, letters: letters))
  return page.text
}

extension Locale {
  /// Whether the environment says that the terminal shows Unicode.
  fileprivate static var isUnicode: Bool {
    let environment = ProcessInfo.processInfo.environment
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let letters = name?.lowercased().filter(\.isLetter) ?? ""
    return letters.contains("utf")
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
