import LossCatalog
import LossFunctions

/// The page of a loss under the name of another framework.
struct DialectPage {
  let name: String
  let dialectEntry: DialectEntry
  let entry: LossEntry
  /// The loss that the name resolves to without options.
  let loss: ConfiguredLoss

  private var options: [DialectOption] { dialectEntry.knownOptions }

  var text: String {
    let metadata = entry.metadata
    var page = TextPage([
      "\(name)  (\(dialectEntry.dialect.title)'s \(metadata.name))", metadata.summary,
    ])
    let names = dialectEntry.qualifiedNames
    page.add("Names", names.count > 1 ? names : [])
    page.add("Formula", metadata.formula.split(separator: "\n").map(String.init))
    page.add(
      "Arguments in order",
      rows: dialectEntry.arguments.map { argument in
        let note = argument.isAdapted ? ", in the layout of \(dialectEntry.dialect.title)" : ""
        return [argument.names.joined(separator: ", "), "our \(argument.role)\(note)"]
      } + loss.optionalArguments.map { [$0.name, "optional\(optionNote($0))"] })
    page.add(
      "Options", rows: options.map { [$0.names.joined(separator: ", "), $0.summary] })
    page.add(
      "Equivalent to \(metadata.name) with", rows: differences.map { [$0.key, $0.value.text] })
    page.add("Result", [(loss.reduction ?? entry.defaultReduction).explanation])
    page.lines.append("")
    page.lines.append("See also \"\(Tool.name) show \(metadata.name)\".")
    return page.text
  }

  /// What an optional argument is, where it is an option.
  private func optionNote(_ name: Role) -> String {
    dialectEntry.tensorOption(name).map { ", " + $0.summary } ?? ""
  }

  /// The differences from the default options and reduction of the loss.
  private var differences: [(key: String, value: OptionValue)] {
    loss.differences(from: entry)
  }

  var json: JSONText {
    .object([
      ("name", .text(name)), ("dialect", .text(dialectEntry.dialect.name)),
      ("names", .texts(dialectEntry.qualifiedNames)), ("loss", .text(entry.metadata.name)),
      ("summary", .text(entry.metadata.summary)), ("formula", .text(entry.metadata.formula)),
      ("arguments", .list(dialectEntry.arguments.map(json))),
      ("options", .list(options.map(json))),
      ("with", .object(differences.map { ($0.key, JSONText($0.value)) })),
    ])
  }

  private func json(_ argument: DialectArgument) -> JSONText {
    .object([
      ("role", .text(argument.role.name)), ("names", .texts(argument.names)),
      ("same_layout", .flag(!argument.isAdapted)),
    ])
  }

  private func json(_ option: DialectOption) -> JSONText {
    .object([
      ("names", .texts(option.names)), ("summary", .text(option.summary)),
      ("tensor", .flag(option.isTensor && !option.isRefused)),
      ("refused", .flag(option.isRefused)),
    ])
  }
}
