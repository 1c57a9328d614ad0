import LossCore
import LossFunctions

/// The tool: its table of commands, and the one way in.
enum Tool {
  static let name = "losses"
  static let version = libraryVersion
  static let summary = "loss functions by name: values, gradients, and checks against known values"

  /// Every command. Another one is a file in `Commands/` and a row here.
  static let commands: [Command] = [
    .list, .show, .eval, .verify, .plot, .catalog, .newPlugin, .generate, .completion,
  ]

  /// The options that stand before, or in place of, a command.
  static let options: [CommandOption] = [.help, .version, .plugin]

  /// Runs a command line without the program's name.
  ///
  /// - Returns: the exit status: 0, 1 for bad input or a failed case, 2 for bad usage or a run that
  ///   could not be made.
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

  /// Parts the plug-ins that stand before the command from the rest; the command reads them.
  private static func pluginsFirst(
    _ arguments: [String]
  ) throws(UsageError) -> (plugins: ArraySlice<String>, rest: ArraySlice<String>) {
    var place = arguments.startIndex
    while place < arguments.endIndex {
      let word = arguments[place]
      if word.hasPrefix("\(CommandOption.plugin.name)=") {
        place += 1
      } else if word == CommandOption.plugin.name {
        guard place + 1 < arguments.endIndex else {
          throw UsageError("\(word) lacks its value", expected: ["FILE"])
        }
        place += 2
      } else {
        break
      }
    }
    return (arguments[..<place], arguments[place...])
  }

  private static func run(_ arguments: [String], _ console: Console) throws -> Int32 {
    let (leading, arguments) = try pluginsFirst(arguments)
    guard let word = arguments.first else {
      guard leading.isEmpty else {
        throw UsageError("no command follows", expected: commands.map(\.name))
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
    let words = leading + arguments.dropFirst()
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

/// Where a command writes: results to `output`, everything else to `errors`.
struct Console {
  let output: TextWriter
  let errors: TextWriter
}
