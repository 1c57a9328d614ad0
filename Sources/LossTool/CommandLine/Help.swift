/// Help texts, derived from the commands.
enum Help {
  /// The help of the tool.
  static func text() -> String {
    var lines = ["\(Tool.name): \(Tool.summary)", "", "Usage: \(Tool.name) COMMAND ..."]
    lines += section("Commands", Tool.commands.map { [$0.name, $0.summary] })
    lines += options(Tool.options)
    lines += examples(Tool.commands.compactMap(\.examples.first))
    lines += ["", "Run \"\(Tool.name) COMMAND --help\" for the help of a command."]
    return lines.joined(separator: "\n")
  }

  /// The help of a command.
  static func text(of command: Command) -> String {
    let words = command.parameters.map { $0.repeats ? "[\($0.name)]..." : $0.name }
    let usage = ["Usage: \(Tool.name) \(command.name)"] + words
    let options = command.options.isEmpty ? [] : ["[OPTION]..."]
    var lines = ["\(command.summary).", "", (usage + options).joined(separator: " ")]
    lines += section("Arguments", command.parameters.map { [$0.name, $0.summary] })
    lines += Help.options(command.allOptions)
    lines += examples(command.examples)
    if !command.notes.isEmpty { lines += [""] + command.notes }
    return lines.joined(separator: "\n")
  }

  private static func options(_ options: [CommandOption]) -> [String] {
    section("Options", options.map { [$0.usage, $0.summary + ($0.repeats ? "; repeatable" : "")] })
  }

  private static func section(_ title: String, _ rows: [[String]]) -> [String] {
    rows.isEmpty ? [] : ["", title] + Columns.lines(rows)
  }

  private static func examples(_ examples: [Command.Example]) -> [String] {
    ["", examples.count == 1 ? "Example" : "Examples"]
      + examples.flatMap { example in
        let words = [Tool.name] + example.arguments.map(quoted)
        return ["  \(words.joined(separator: " "))"]
          + (example.prints?.split(separator: "\n").map { "    \($0)" } ?? [])
      }
  }

  /// A word, quoted for a shell if necessary.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber || "-_=./".contains(character))
    }
    return isPlain ? word : "'\(word)'"
  }
}
