import LossCatalog
import LossFunctions

/// What there is to say about a loss under another framework's name.
struct SpellingPage {
  let name: String
  let spelling: Spelling
  let entry: LossEntry
  /// What the name comes to without options.
  let loss: ConfiguredLoss

  private var options: [SpelledOption] { spelling.knownOptions }

  var text: String {
    let card = entry.card
    var page = TextPage([
      "\(name)  (\(spelling.dialect.title)'s \(card.name))", card.summary,
    ])
    let names = spelling.qualifiedNames
    page.add("Names", names.count > 1 ? names : [])
    page.add("Formula", card.formula.split(separator: "\n").map(String.init))
    page.add(
      "Arguments in order",
      rows: spelling.arguments.map { argument in
        let note = argument.isAdapted ? ", laid out in \(spelling.dialect.title)'s way" : ""
        return [argument.names.joined(separator: ", "), "our \(argument.role)\(note)"]
      })
    page.add(
      "Options", rows: options.map { [$0.names.joined(separator: ", "), $0.summary] })
    page.add("Our \(card.name) with", rows: differences.map { [$0.key, $0.value.text] })
    page.lines.append("")
    page.lines.append("\"\(Tool.name) show \(card.name)\" says more.")
    return page.text
  }

  /// Where the name, without options, departs from our defaults.
  private var differences: [(key: String, value: OptionValue)] {
    loss.differences(from: entry)
  }

  var json: JSONText {
    .object([
      ("name", .text(name)), ("dialect", .text(spelling.dialect.name)),
      ("names", .texts(spelling.qualifiedNames)), ("loss", .text(entry.card.name)),
      ("summary", .text(entry.card.summary)), ("formula", .text(entry.card.formula)),
      ("arguments", .list(spelling.arguments.map(json))),
      ("options", .list(options.map(json))),
      ("with", .object(differences.map { ($0.key, JSONText($0.value)) })),
    ])
  }

  private func json(_ argument: SpelledArgument) -> JSONText {
    .object([
      ("role", .text(argument.role.name)), ("names", .texts(argument.names)),
      ("same_layout", .flag(!argument.isAdapted)),
    ])
  }

  private func json(_ option: SpelledOption) -> JSONText {
    .object([("names", .texts(option.names)), ("summary", .text(option.summary))])
  }
}
