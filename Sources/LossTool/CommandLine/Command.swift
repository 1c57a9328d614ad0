/// A row of the table of commands: what the command is called, takes and does.
///
/// Reading the command line, help, suggestions and completion all come from here.
struct Command: Sendable {
  /// An argument that is told by its place.
  struct Parameter: Sendable {
    let name: String
    let summary: String
    /// Whether any number of arguments may stand here, also none; only the last parameter may.
    var repeats = false
    var expects = Expectation.anything
  }

  /// A command line and what it prints, for help; a test runs it.
  struct Example: Sendable {
    let arguments: [String]
    var prints: String?
    /// Whether it leaves files behind, so that no test runs it as it stands.
    var writes = false
  }

  let name: String
  let summary: String
  var parameters: [Parameter] = []
  var options: [CommandOption] = []
  /// Sentences that help adds.
  var notes: [String] = []
  let examples: [Example]
  /// Does the work and gives the exit status.
  let run: @Sendable (Arguments, Console) throws -> Int32

  /// The options with those that every command has.
  var allOptions: [CommandOption] { options + [.help] }
}
