import LossFunctions

/// What a command line of the bench asks for.
struct BenchRequest {
  var cases: [BenchCase] = []
  var threads = 1
  /// The seconds to sample each case and mode.
  var seconds = 1.0
  var wantsMemory = false
  var wantsJSON = false
  var wantsHelp = false

  static let help = """
    Times the losses on the cases that other libraries are timed on.

    Usage: losses-bench [OPTION]...

    Options
      --case NAME  only this case; repeatable
      --threads N  how many threads may work at once; the result is the same
      --seconds S  the seconds to sample each case and mode; 1 if left out
      --memory     instead of time, the memory that value and gradient need
      --json       print JSON
      --list       print the names of the cases
      --help, -h   show this help

    Each figure is the time of a call, on Float data that lies ready and into memory that is
    given, divided by the number of elements. memory_1.6e7 is the floor: a loop that reads two
    arrays, and with the gradient writes a third. Pin the process (taskset) for steady figures.
    """

  /// What was wrong with a command line.
  struct UsageError: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads the words after the program's name.
  init(_ words: [String]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--memory": wantsMemory = true
      case "--json": wantsJSON = true
      case "--help", "-h": wantsHelp = true
      case "--case": cases.append(try Self.timedCase(try Self.value(of: word, from: &rest)))
      case "--threads":
        let text = try Self.value(of: word, from: &rest)
        guard let threads = Int(text), threads >= 1 else {
          throw UsageError(
            description: "--threads is \"\(text)\"; expected a whole number of at least 1.")
        }
        self.threads = threads
      case "--seconds":
        let text = try Self.value(of: word, from: &rest)
        guard let seconds = Double(text), seconds > 0, seconds <= 3600 else {
          throw UsageError(
            description: "--seconds is \"\(text)\"; expected a number above 0, up to 3600.")
        }
        self.seconds = seconds
      default:
        let known = ["--case", "--threads", "--seconds", "--memory", "--json", "--list", "--help"]
        throw UsageError(
          description: "unknown option \"\(word)\"; expected one of "
            + known.joined(separator: ", ") + ". " + NearestName.hint(for: word, among: known))
      }
    }
    // In the order of the table, whatever that of the words.
    let names = Set(cases.map(\.name))
    cases = names.isEmpty ? BenchCase.all : BenchCase.all.filter { names.contains($0.name) }
  }

  private static func value(
    of option: String, from words: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let value = words.popFirst() else {
      throw UsageError(description: "\(option) lacks its value.")
    }
    return value
  }

  private static func timedCase(_ name: String) throws(UsageError) -> BenchCase {
    if let found = BenchCase.all.first(where: { $0.name == name }) { return found }
    let known = BenchCase.all.map(\.name)
    throw UsageError(
      description: "--case is \"\(name)\"; expected one of " + known.joined(separator: ", ") + ". "
        + NearestName.hint(for: name, among: known))
  }
}
