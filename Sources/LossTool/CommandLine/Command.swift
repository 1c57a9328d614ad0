/// A command: its name, parameters, options and implementation.
///
/// Parsing, help, suggestions and completion are derived from it.
struct Command: Sendable {
  /// A positional argument.
  struct Parameter: Sendable {
    let name: String
    let summary: String
    /// Whether any number of arguments is allowed, including none; for the last parameter only.
    var repeats = false
    var completion = CompletionHint.anything
  }

  /// An example for help: a command line and its output, which a test checks.
  struct Example: Sendable {
    let arguments: [String]
    var prints: String?
    /// Whether it creates files, so that no test runs it unchanged.
    var writes = false
  }

  let name: String
  let summary: String
  var parameters: [Parameter] = []
  var options: [CommandOption] = []
  /// Additional sentences of the help.
  var notes: [String] = []
  let examples: [Example]
  /// Runs the command and returns the exit status.
  let run: @Sendable (Arguments, Console) throws -> Int32

  /// The options, including those of every command.
  var allOptions: [CommandOption] { options + [.help] }
}
