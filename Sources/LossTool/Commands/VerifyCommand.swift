import LossConformance
import LossFunctions

extension CommandOption {
  fileprivate static let filter = CommandOption(
    "--filter", value: "TEXT", "only cases whose name (group/loss#case) contains the text")
  fileprivate static let report = CommandOption(
    "--report", value: "FILE", "write every result to a JSON file")
}

extension Command {
  static let verify = Command(
    name: "verify", summary: "Check the losses against known values, from files or built in",
    parameters: [
      Parameter(
        name: "PATH", summary: "a fixture file, or a folder of them; none: the built-in corpus",
        repeats: true)
    ],
    options: [.filter, .report, .plugin, .json],
    notes: [
      "Exit status: 0, or 1 if a case failed, or 2 if the cases could not be run.",
      "With --json the last line, \"N passed, N failed\", goes to the standard error.",
    ],
    examples: [Example(arguments: ["verify", "--filter", "flux/huber_loss"])]
  ) { arguments, console in
    do {
      let cases = try cases(arguments)
      let report = VerificationReport(results: try check(cases, arguments, console))
      if arguments.has(.json) { console.output.write(line: report.json) }
      let summary = arguments.has(.json) ? console.errors : console.output
      summary.write(line: report.summary)
      if let path = arguments.value(of: .report) { try report.write(to: path) }
      return report.failed == 0 ? 0 : 1
    } catch let error as LossError {
      // Not 1, which says that a case failed.
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

/// Checks each case, printing what failed as it fails, and on a terminal how far it is.
private func check(
  _ cases: [ConformanceCase], _ arguments: Arguments, _ console: Console
) throws(LossError) -> [CaseResult] {
  let registry = try arguments.registry()
  let showsProgress = console.errors.isTerminal
  let clearsLine = "\r\u{1b}[K"
  var results: [CaseResult] = []
  for one in cases {
    if showsProgress {
      console.errors.write("\(clearsLine)\(results.count)/\(cases.count) \(one.fullID)")
      console.errors.flush()
    }
    let result = one.check(with: registry)
    results.append(result)
    guard !result.isPassed, !arguments.has(.json) else { continue }
    if showsProgress { console.errors.write(clearsLine) }
    console.errors.flush()
    console.output.write(line: result.report + "\n")
    if console.output.isTerminal { console.output.flush() }
  }
  if showsProgress { console.errors.write(clearsLine) }
  console.errors.flush()
  return results
}
