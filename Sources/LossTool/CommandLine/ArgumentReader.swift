import LossCore

/// Sorts the words after a command into arguments and options, by the command's row in the table.
struct ArgumentReader {
  let command: Command

  /// Whether a word is an option; a word that goes on like a negative number is not, and neither is
  /// a lone dash.
  static func isOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), let next = word.dropFirst().first else { return false }
    let isNumber =
      next.isASCII && next.isNumber || next == "." || word.lowercased().hasPrefix("-inf")
    return !isNumber
  }

  /// - Throws: `UsageError` for an option that the command does not have, that is given twice or
  ///   lacks its value, and for too few or too many arguments.
  func read(_ words: ArraySlice<String>) throws(UsageError) -> Arguments {
    var arguments = Arguments()
    var rest = words
    while let word = rest.popFirst() {
      if word == "--" {
        arguments.positionals += rest
        break
      }
      guard Self.isOption(word) else {
        arguments.positionals.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try option(named: String(parts[0]))
      let value = try value(
        of: option, attached: parts.count > 1 ? String(parts[1]) : nil, from: &rest)
      guard option.repeats || !arguments.has(option) else {
        throw UsageError("\(option.name) is given twice")
      }
      arguments.values[option.name, default: []].append(value)
    }
    try checkCount(of: arguments.positionals)
    return arguments
  }

  private func option(named name: String) throws(UsageError) -> CommandOption {
    let known = command.allOptions
    if let option = known.first(where: { $0.names.contains(name) }) { return option }
    throw UsageError(
      "unknown option \"\(name)\"", expected: known.map(\.name),
      hint: NearestName.hint(for: name, among: known.map(\.name)))
  }

  private func value(
    of option: CommandOption, attached: String?, from rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let placeholder = option.placeholder else {
      guard attached == nil else { throw UsageError("\(option.name) takes no value") }
      return ""
    }
    if let attached { return attached }
    // What looks like the next option is one: the value was forgotten.
    guard let next = rest.first, !Self.isOption(next) else {
      throw UsageError("\(option.name) lacks its value", expected: [placeholder])
    }
    rest.removeFirst()
    return next
  }

  private func checkCount(of positionals: [String]) throws(UsageError) {
    let needed = command.parameters.filter { !$0.repeats }
    if positionals.count < needed.count {
      throw UsageError("\(needed[positionals.count].name) is missing")
    }
    if command.parameters.last?.repeats != true, positionals.count > needed.count {
      throw UsageError("argument \"\(positionals[needed.count])\" is one too many")
    }
  }
}
