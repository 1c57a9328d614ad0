import LossFunctions

/// The parsed command line of the benchmark.
struct BenchRequest {
  var cases: [BenchCase] = []
  var threads = 1
  /// The seconds to sample each case and mode.
  var seconds = 1.0
  var wantsMemory = false
  var wantsPartials = false
  var wantsHessian = false
  var wantsBits = false
  var wantsJSON = false
  var wantsHelp = false
  /// The number of random calls to make instead; nil for none.
  var fuzzedCalls: Int?
  /// The number of damaged files of each format to read instead; nil for none.
  var fuzzedFiles: Int?
  /// The seed of the first random call, or of the first damaged file.
  var seed: UInt64 = 1

  static let help = """
    Benchmarks the losses on the same cases as other frameworks.

    Usage: losses-bench [OPTION]...

    Options
      --case NAME  only this case; repeatable
      --threads N  the number of threads; results do not depend on it
      --seconds S  the seconds to sample each case and mode; by default 1
      --memory     measure the memory of value and gradient instead of time
      --partials   measure partial results, and how they merge, instead
      --hessian    measure products of the Hessian beside gradients instead
      --bits       print a hash of the bits of every loss on drawn inputs instead
      --json       print JSON
      --list       print the names of the cases
      --fuzz N     make N random calls instead, most of them wrong, and count how they end
      --fuzz-files N  read N damaged files of each format instead, and count how they end
      --seed S     the seed of the first of them, or of --bits; by default 1
      --help, -h   show this help

    Each number is the time of a call divided by the number of elements, with Float inputs and
    outputs allocated in advance. memory_1.6e7 is a lower bound: a loop that reads two arrays and,
    with the gradient, writes a third. Pin the process (taskset) for stable timings.
    """

  /// An invalid command line.
  struct UsageError: Error, CustomStringConvertible {
    let description: String
  }

  /// Parses the words after the name of the program.
  init(_ words: [String]) throws(UsageError) {
    var remaining = words[...]
    while let word = remaining.popFirst() {
      switch word {
      case "--memory": wantsMemory = true
      case "--partials": wantsPartials = true
      case "--hessian": wantsHessian = true
      case "--bits": wantsBits = true
      case "--json": wantsJSON = true
      case "--help", "-h": wantsHelp = true
      case "--case": cases.append(try Self.timedCase(try Self.value(of: word, from: &remaining)))
      case "--threads":
        threads = Int(try Self.integer(of: word, atLeast: 1, from: &remaining))
      case "--seconds":
        let text = try Self.value(of: word, from: &remaining)
        guard let seconds = Double(text), seconds > 0, seconds <= 3600 else {
          throw UsageError(
            description: "--seconds is \"\(text)\"; expected a number above 0 and at most 3600.")
        }
        self.seconds = seconds
      case "--fuzz":
        fuzzedCalls = Int(try Self.integer(of: word, atLeast: 1, from: &remaining))
      case "--fuzz-files":
        fuzzedFiles = Int(try Self.integer(of: word, atLeast: 1, from: &remaining))
      case "--seed": seed = try Self.integer(of: word, atLeast: 0, from: &remaining)
      default:
        let known = [
          "--case", "--threads", "--seconds", "--memory", "--partials", "--hessian",
          "--bits", "--json", "--list", "--fuzz", "--fuzz-files", "--seed", "--help",
        ]
        throw UsageError(
          description: "unknown option \"\(word)\"; expected one of "
            + known.joined(separator: ", ") + ". " + NearestName.hint(for: word, among: known))
      }
    }
    // In the order of the table.
    let names = Set(cases.map(\.name))
    let known = BenchCase.all + BenchCase.others
    cases = names.isEmpty ? BenchCase.all : known.filter { names.contains($0.name) }
  }

  private static func value(
    of option: String, from words: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let value = words.popFirst() else {
      throw UsageError(description: "\(option) has no value.")
    }
    return value
  }

  private static func integer(
    of option: String, atLeast bound: Int, from words: inout ArraySlice<String>
  ) throws(UsageError) -> UInt64 {
    let text = try value(of: option, from: &words)
    guard let integer = Int(text), integer >= bound else {
      throw UsageError(
        description: "\(option) is \"\(text)\"; expected an integer of at least \(bound).")
    }
    return UInt64(integer)
  }

  private static func timedCase(_ name: String) throws(UsageError) -> BenchCase {
    let all = BenchCase.all + BenchCase.others
    if let found = all.first(where: { $0.name == name }) { return found }
    let known = all.map(\.name)
    throw UsageError(
      description: "--case is \"\(name)\"; expected one of " + known.joined(separator: ", ") + ". "
        + NearestName.hint(for: name, among: known))
  }
}
