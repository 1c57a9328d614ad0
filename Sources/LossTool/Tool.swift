import LossCore
import LossFunctions

/// The command-line tool: its commands, and the dispatch to them.
enum Tool {
  static let name = "losses"
  static let version = libraryVersion
  static let summary =
    "loss functions by name: values, gradients, and checks against reference values"

  /// Every command. To add one: a file in `Commands/`, and its name here.
  static let commands: [Command] = [
    .list, .show, .eval, .merge, .verify, .plot, .catalog, .newPlugin, .generate, .completion,
  ]

  /// The options before, or in place of, a command.
  static let options: [CommandOption] = [.help, .version, .plugin]

  /// Runs a command line, given without the name of the program.
  ///
  /// - Returns: the exit status: 0, 1 for invalid input or a failed case, 2 for a usage error or cases
  ///   that could not be run.
  static func run(arguments: [String], output: TextWriter, errors: TextWriter) -> Int32 {
    let console = Console(output: output, errors: errors)
    var status: Int32
    do {
      status = try run(arguments, console)
    } catch let error as UsageError {
      errors.write(line: error.description)
      status = 2
    } catch {
      errors.write(line: "\(error)")
      status = 1
    }
    output.flush()
    if let failure = output.failure {
      errors.write(line: "The output cannot be written: \(failure).")
      status = max(status, 1)
    }
    errors.flush()
    return status
  }

  /// Splits off the `--plugin` options before the command, which are passed on to the command.
  private static func splitPlugins(
    _ arguments: [String]
  ) throws(UsageError) -> (plugins: ArraySlice<String>, command: ArraySlice<String>) {
    var index = arguments.startIndex
    while index < arguments.endIndex {
      let word = arguments[index]
      if word.hasPrefix("\(CommandOption.plugin.name)=") {
        index += 1
      } else if word == CommandOption.plugin.name {
        guard index + 1 < arguments.endIndex else {
          throw UsageError("\(word) has no value", expected: ["FILE"])
        }
        index += 2
      } else {
        break
      }
    }
    return (arguments[..<index], arguments[index...])
  }

  private static func run(_ arguments: [String], _ console: Console) throws -> Int32 {
    let (plugins, arguments) = try splitPlugins(arguments)
    guard let word = arguments.first else {
      guard plugins.isEmpty else {
        throw UsageError("a command is missing", expected: commands.map(\.name))
      }
      console.errors.write(line: Help.text())
      return 2
    }
    if CommandOption.help.names.contains(word) {
      console.output.write(line: Help.text())
      return 0
    }
    if CommandOption.version.names.contains(word) {
      console.output.write(line: version)
      return 0
    }
    guard let command = commands.first(where: { $0.name == word }) else {
      let isOption = ArgumentReader.isOption(word)
      let known = isOption ? options.flatMap(\.names) : commands.map(\.name)
      throw UsageError(
        "\(isOption ? "unknown option" : "unknown command") \"\(word)\"", expected: known,
        hint: NearestName.hint(for: word, among: known))
    }
    let words = plugins + arguments.dropFirst()
    if words.prefix(while: { $0 != "--" }).contains(where: CommandOption.help.names.contains) {
      console.output.write(line: Help.text(of: command))
      return 0
    }
    do {
      return try command.run(ArgumentReader(command: command).read(words), console)
    } catch var error as UsageError {
      error.command = command.name
      throw error
    }
  }
}

/// The output streams of a command: results go to `output`, everything else to `errors`.
struct Console {
  let output: TextWriter
  let errors: TextWriter
}
