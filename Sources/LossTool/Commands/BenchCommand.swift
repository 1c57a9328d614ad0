import LossFunctions

extension CommandOption {
  fileprivate static let timedCase = CommandOption(
    "--case", value: "NAME", repeats: true, "only this case",
    expects: .words(BenchCase.all.map(\.name)))
  fileprivate static let seconds = CommandOption(
    "--seconds", value: "S", "the seconds to sample each case and mode; 1 if left out")
  fileprivate static let memory = CommandOption(
    "--memory", "instead of time, the memory that value and gradient need")
}

extension Command {
  static let bench = Command(
    name: "bench", summary: "Time the losses on the cases that other libraries are timed on",
    options: [.timedCase, .threads, .seconds, .memory, .json],
    notes: [
      "Each figure is the time of a call, on Float data that lies ready and into memory that is",
      "given, divided by the number of elements. memory_1.6e7 is the floor: a loop that reads two",
      "arrays, and with the gradient writes a third. Pin the process (taskset) for steady figures.",
    ],
    examples: [Example(arguments: ["bench", "--case", "mse_1e3", "--seconds", "0.01"])]
  ) { arguments, console in
    let cases = try cases(arguments)
    let seconds = try seconds(arguments)
    let threads = try arguments.integer(of: .threads, atLeast: 1) ?? 1
    if arguments.has(.memory) { return printFootprints(of: cases, threads: threads, console) }
    var report = BenchReport(threads: threads)
    if BenchMachine.isDebug {
      console.errors.write(line: "This is a debug build: its times say nothing about the losses.")
      console.errors.flush()
    }
    let isJSON = arguments.has(.json)
    if !isJSON { console.output.write(line: BenchReport.head) }
    for one in cases {
      console.showProgress(isJSON ? one.name : nil)
      report.run(one, seconds: seconds)
      guard !isJSON else { continue }
      console.output.write(line: report.lastRow)
      console.output.flush()
    }
    console.showProgress(nil)
    if isJSON { console.output.write(line: report.json) }
    return report.failed == 0 ? 0 : 1
  }
}

/// Prints what the value with the gradient needs of memory, case by case.
private func printFootprints(of cases: [BenchCase], threads: Int, _ console: Console) -> Int32 {
  console.output.write(line: BenchFootprint.head)
  var status: Int32 = 0
  for one in cases {
    do throws(LossError) {
      let footprint = try BenchFootprint(one.prepare(threads).valueAndGradient)
      console.output.write(line: footprint.row(one.name))
    } catch {
      console.output.write(line: "\(one.name)  failed: \(error)")
      status = 1
    }
    console.output.flush()
  }
  return status
}

/// - Throws: `UsageError` for a name that no case has.
private func cases(_ arguments: Arguments) throws(UsageError) -> [BenchCase] {
  guard let names = arguments.values[CommandOption.timedCase.name] else { return BenchCase.all }
  let known = BenchCase.all.map(\.name)
  for name in names where !known.contains(name) {
    throw UsageError(
      "--case is \"\(name)\"", expected: known, hint: NearestName.hint(for: name, among: known))
  }
  return BenchCase.all.filter { names.contains($0.name) }
}

/// - Throws: `UsageError` for what is no number above zero.
private func seconds(_ arguments: Arguments) throws(UsageError) -> Double {
  guard let text = arguments.value(of: .seconds) else { return 1 }
  guard let seconds = Double(text), seconds > 0, seconds <= 3600 else {
    throw UsageError("--seconds is \"\(text)\"", expected: ["a number above 0, up to 3600"])
  }
  return seconds
}

extension Console {
  /// Says on a terminal what is being done, in place of what was said before.
  fileprivate func showProgress(_ text: String?) {
    guard errors.isTerminal else { return }
    errors.write("\r\u{1b}[K" + (text ?? ""))
    errors.flush()
  }
}
