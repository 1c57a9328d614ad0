import LossCore

/// Parses the words after a command into arguments and options.
struct ArgumentReader {
  let command: Command

  /// Whether a word is an option. Negative numbers and a single dash are not.
  static func isOption(_ word: String) -> Bool {
    guard word.hasPrefix("-"), let next = word.dropFirst().first else { return false }
    let isNumber =
      next.isASCII && next.isNumber || next == "." || word.lowercased().hasPrefix("-inf")
    return !isNumber
  }

  /// - Throws: `UsageError` for an unknown or repeated option, a missing value, and too few or too many
  ///   arguments.
  func read(_ words: ArraySlice<String>) throws(UsageError) -> Arguments {
    var arguments = Arguments()
    var remaining = words
    while let word = remaining.popFirst() {
      if word == "--" {
        arguments.positionals += remaining
        break
      }
      guard Self.isOption(word) else {
        arguments.positionals.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try option(named: String(parts[0]))
      let value = try value(
        of: option, attached: parts.count > 1 ? String(parts[1]) : nil, from: &remaining)
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
    of option: CommandOption, attached: String?, from remaining: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let placeholder = option.placeholder else {
      guard attached == nil else { throw UsageError("\(option.name) takes no value") }
      return ""
    }
    if let attached { return attached }
    if !option.optionalWords.isEmpty {
      guard let word = remaining.first, option.takes(word) else { return "" }
      return remaining.removeFirst()
    }
    // An option instead of a value: the value was forgotten.
    guard let next = remaining.first, !Self.isOption(next) else {
      throw UsageError("\(option.name) has no value", expected: [placeholder])
    }
    remaining.removeFirst()
    return next
  }

  private func checkCount(of positionals: [String]) throws(UsageError) {
    let needed = command.parameters.filter { !$0.repeats }
    if positionals.count < needed.count {
      throw UsageError("\(needed[positionals.count].name) is missing")
    }
    if command.parameters.last?.repeats != true, positionals.count > needed.count {
      throw UsageError("unexpected argument \"\(positionals[needed.count])\"")
    }
  }
}
