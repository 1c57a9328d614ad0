import Foundation
import LossCore

/// The entry of the program; `Tool` does the work.
@main
enum Main {
  static func main() {
    // A reader that goes away, such as `head`, is then seen as an error of writing.
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
