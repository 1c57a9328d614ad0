import Foundation
import LossCore

/// The entry point of the program.
@main
enum Main {
  static func main() {
    // A closed output pipe, such as that of `head`, is then reported as a write error.
    signal(SIGPIPE, SIG_IGN)
    let output = TextWriter(descriptor: STDOUT_FILENO)
    let errors = TextWriter(descriptor: STDERR_FILENO)
    if let missingRequirement = CPUFeatures.missingRequirement {
      FileHandle.standardError.write(Data("losses: \(missingRequirement)\n".utf8))
      exit(2)
    }
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(Tool.run(arguments: arguments, output: output, errors: errors))
  }
}
