import LossCore

/// A parsed command line: positional arguments, and options by name.
struct Arguments {
  var positionals: [String] = []
  /// The values of each option in order; an empty string for a flag.
  var values: [String: [String]] = [:]

  func has(_ option: CommandOption) -> Bool { values[option.name] != nil }

  func value(of option: CommandOption) -> String? { values[option.name]?.last }

  /// - Throws: `UsageError` for a value that is not an integer, or is below the minimum.
  func integer(
    of option: CommandOption, atLeast minimum: Int = .min
  ) throws(UsageError) -> Int? {
    guard let text = value(of: option) else { return nil }
    guard let number = Int(text), number >= minimum else {
      let range = minimum == .min ? "" : " of at least \(minimum)"
      throw UsageError("\(option.name) is \"\(text)\"", expected: ["an integer\(range)"])
    }
    return number
  }

  /// - Throws: `UsageError` for a word that is not one of the choices.
  func choice(of option: CommandOption, among choices: [String]) throws(UsageError) -> String? {
    guard let word = value(of: option) else { return nil }
    guard choices.contains(word) else {
      throw UsageError(
        "\(option.name) is \"\(word)\"", expected: choices,
        hint: NearestName.hint(for: word, among: choices))
    }
    return word
  }

  /// The values of an option of the form `KEY=VALUE`, in order.
  ///
  /// - Throws: `UsageError` for a value without a key or without `=`, and for a key given twice.
  func pairs(of option: CommandOption) throws(UsageError) -> [(key: String, value: String)] {
    var pairs: [(key: String, value: String)] = []
    for text in values[option.name] ?? [] {
      guard let mark = text.firstIndex(of: "="), mark > text.startIndex else {
        throw UsageError("\(option.name) is \"\(text)\"", expected: [option.placeholder ?? ""])
      }
      let key = String(text[..<mark])
      guard !pairs.contains(where: { $0.key == key }) else {
        throw UsageError("\(option.name) \(key) is given twice")
      }
      pairs.append((key, String(text[text.index(after: mark)...])))
    }
    return pairs
  }
}
