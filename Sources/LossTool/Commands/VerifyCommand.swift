import LossConformance
import LossFunctions

extension CommandOption {
  fileprivate static let filter = CommandOption(
    "--filter", value: "TEXT", "only cases whose name (group/loss#case) contains the text")
  fileprivate static let adapter = CommandOption(
    "--adapter", value: "COMMAND", "check another implementation, which this command starts")
  fileprivate static let timeLimit = CommandOption(
    "--time-limit", value: "SECONDS", "the time limit of the adapter for a case; by default 10")
  fileprivate static let report = CommandOption(
    "--report", value: "FILE", "write every result to a JSON file", completion: .file)
}

extension Command {
  static let verify = Command(
    name: "verify", summary: "Check the losses against reference values, built in or from files",
    parameters: [
      Parameter(
        name: "PATH", summary: "a fixture file or folder; by default the built-in corpus",
        repeats: true, completion: .file)
    ],
    options: [.filter, .adapter, .timeLimit, .report, .plugin, .json],
    notes: [
      "Exit status: 0, or 1 if a case failed, or 2 if the cases could not be run.",
      "With --json the last line, \"N passed, N failed\", goes to the standard error.",
      "docs/Adapters.md describes the adapter protocol; docs/adapters has examples, such as",
      "losses verify --adapter 'python3 docs/adapters/pytorch_torchvision.py'",
    ],
    examples: [Example(arguments: ["verify", "--filter", "flux/huber_loss"])]
  ) { arguments, console in
    do {
      let timeLimit = try timeLimit(arguments)
      let cases = try cases(arguments)
      let registry = try arguments.registry()
      let adapter = try arguments.value(of: .adapter).map { command in
        try Adapter(command: command, timeLimit: timeLimit, registry: registry)
      }
      let results = check(cases, arguments, console) { one in
        adapter.map(one.check(with:)) ?? one.check(with: registry)
      }
      let report = VerificationReport(results: results, adapter: adapter)
      if arguments.has(.json) {
        console.output.write(line: report.json)
      } else if let text = report.adapterText {
        console.output.write(line: text + "\n")
      }
      let summary = arguments.has(.json) ? console.errors : console.output
      summary.write(line: report.summary)
      if let path = arguments.value(of: .report) { try report.write(to: path) }
      return report.failed == 0 ? 0 : 1
    } catch let error as LossError {
      // Not 1, which is the status of a failed case.
      console.errors.write(line: error.description)
      return 2
    }
  }
}

private func cases(_ arguments: Arguments) throws -> [ConformanceCase] {
  let paths = arguments.positionals
  let corpus = paths.isEmpty ? try Corpus.builtIn() : try Corpus(paths: paths)
  let filter = arguments.value(of: .filter)
  let cases = corpus.matching(filter).cases
  guard !cases.isEmpty else {
    let condition = filter.map { " whose name contains \"\($0)\"" } ?? ""
    throw UsageError("there is no case\(condition) among \(corpus.cases.count)")
  }
  return cases
}

private func timeLimit(_ arguments: Arguments) throws -> Duration {
  guard let text = arguments.value(of: .timeLimit) else { return .seconds(10) }
  guard arguments.has(.adapter) else { throw UsageError("--time-limit is given without --adapter") }
  guard let seconds = Double(text), seconds > 0, seconds <= 86_400 else {
    throw UsageError(
      "--time-limit is \"\(text)\"", expected: ["a number of seconds above 0, at most 86400"])
  }
  return .seconds(seconds)
}

/// Checks each case, and prints failures and, on a terminal, the progress.
private func check(
  _ cases: [ConformanceCase], _ arguments: Arguments, _ console: Console,
  by evaluate: (ConformanceCase) -> CaseResult
) -> [CaseResult] {
  let showsProgress = console.errors.isTerminal
  let clearsLine = "\r\u{1b}[K"
  var results: [CaseResult] = []
  for one in cases {
    if showsProgress {
      console.errors.write("\(clearsLine)\(results.count)/\(cases.count) \(one.fullID)")
      console.errors.flush()
    }
    let result = evaluate(one)
    results.append(result)
    guard result.outcome == .failed, !arguments.has(.json) else { continue }
    if showsProgress { console.errors.write(clearsLine) }
    console.errors.flush()
    console.output.write(line: result.report + "\n")
    if console.output.isTerminal { console.output.flush() }
  }
  if showsProgress { console.errors.write(clearsLine) }
  console.errors.flush()
  return results
}
