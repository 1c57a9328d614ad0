/// An option of the command line: its names, the value that follows it, and what it does.
struct CommandOption: Sendable {
  let name: String
  /// The same in one letter.
  let short: String?
  /// What the value is called in help; nil for an option that takes none.
  let placeholder: String?
  /// Whether it may be given more than once.
  let repeats: Bool
  let summary: String
  let expects: Expectation

  init(
    _ name: String, short: String? = nil, value: String? = nil, repeats: Bool = false,
    _ summary: String, expects: Expectation = .anything
  ) {
    self.name = name
    self.short = short
    placeholder = value
    self.repeats = repeats
    self.summary = summary
    self.expects = expects
  }

  var names: [String] { [name] + (short.map { [$0] } ?? []) }

  /// The option as help writes it: `--family F`.
  var usage: String {
    names.joined(separator: ", ") + (placeholder.map { " \($0)" } ?? "")
  }
}

extension CommandOption {
  static let help = CommandOption("--help", short: "-h", "show this help")
  static let version = CommandOption("--version", "show the version")
  static let plugin = CommandOption(
    "--plugin", value: "FILE", repeats: true,
    "losses of a shared library, as if they were built in",
    expects: .file)
  static let json = CommandOption("--json", "print JSON")
}
