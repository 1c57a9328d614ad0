import LossCore

/// A command line that cannot be understood: exit status 2.
struct UsageError: Error, CustomStringConvertible {
  private let message: String
  /// Whether the message says by itself what it is about.
  private var standsAlone = false
  /// The command that was given, if it is known.
  var command: String?

  /// An error from what was found, what could stand there instead, and one more sentence.
  init(_ found: String, expected: [String] = [], hint: String = "") {
    var message = found
    switch expected.count {
    case 0: break
    case 1: message += "; expected \(expected[0])"
    default: message += "; expected one of " + expected.joined(separator: ", ")
    }
    self.message = message + "." + (hint.isEmpty ? "" : " \(hint)")
  }

  /// An error of the library for which the words of the command line are to blame.
  init(_ error: LossError) {
    message = error.description
    standsAlone = true
  }

  var description: String {
    let start = [Tool.name, command].compactMap { $0 }.joined(separator: " ")
    let first = standsAlone ? message : "\(start): \(message)"
    return "\(first)\nSee \"\(start) --help\"."
  }
}
