/// An option of the command line: its names, value and purpose.
struct CommandOption: Sendable {
  let name: String
  /// The one-letter name.
  let short: String?
  /// The placeholder of the value in help; nil for a flag.
  let placeholder: String?
  /// The words that a value begins with, for an option whose value may be missing; the next word is
  /// its value if it begins with one of them, or follows a `=`.
  let optionalWords: [String]
  /// Whether it may be given more than once.
  let repeats: Bool
  let summary: String
  let completion: CompletionHint

  init(
    _ name: String, short: String? = nil, value: String? = nil, optionalWords: [String] = [],
    repeats: Bool = false, _ summary: String, completion: CompletionHint = .anything
  ) {
    self.name = name
    self.short = short
    placeholder = value
    self.optionalWords = optionalWords
    self.repeats = repeats
    self.summary = summary
    self.completion = completion
  }

  /// Whether the next word is the value.
  func takes(_ word: String) -> Bool {
    optionalWords.isEmpty || optionalWords.contains(String(word.prefix { $0 != "=" && $0 != "," }))
  }

  var names: [String] { [name] + (short.map { [$0] } ?? []) }

  /// The option in help notation: `--family F`.
  var usage: String {
    let value = placeholder.map { optionalWords.isEmpty ? " \($0)" : " [\($0)]" }
    return names.joined(separator: ", ") + (value ?? "")
  }
}

extension CommandOption {
  static let help = CommandOption("--help", short: "-h", "show this help")
  static let version = CommandOption("--version", "show the version")
  static let plugin = CommandOption(
    "--plugin", value: "FILE", repeats: true,
    "load the losses of a shared library",
    completion: .file)
  static let json = CommandOption("--json", "print JSON")
}
