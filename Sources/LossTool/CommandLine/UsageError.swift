import LossCore

/// A usage error: exit status 2.
struct UsageError: Error, CustomStringConvertible {
  private let message: String
  /// Whether the message already begins with its subject.
  private var hasSubject = false
  /// The command on the line, if it is known.
  var command: String?

  /// An error with the finding, the expected values, and a hint.
  init(_ found: String, expected: [String] = [], hint: String = "") {
    var message = found
    switch expected.count {
    case 0: break
    case 1: message += "; expected \(expected[0])"
    default: message += "; expected one of " + expected.joined(separator: ", ")
    }
    self.message = message + "." + (hint.isEmpty ? "" : " \(hint)")
  }

  /// An error of the library that is caused by the command line.
  init(_ error: LossError) {
    message = error.description
    hasSubject = true
  }

  var description: String {
    let name = [Tool.name, command].compactMap { $0 }.joined(separator: " ")
    let line = hasSubject ? message : "\(name): \(message)"
    return "\(line)\nSee \"\(name) --help\"."
  }
}
