import LossConformance
import LossFiles
import LossFunctions

/// The results of checking many cases.
struct VerificationReport {
  let results: [CaseResult]
  /// The adapter of the implementation; nil for this library.
  var adapter: Adapter?

  var passed: Int { results.count(where: \.isPassed) }
  var failed: Int { results.count { $0.outcome == .failed } }
  private var unsupported: Int { results.count - passed - failed }

  /// The last line of the output, which scripts parse.
  var summary: String {
    "\(passed) passed, \(failed) failed" + (adapter == nil ? "" : ", \(unsupported) unsupported")
  }

  /// The counts and every case, a failed one with its report.
  var json: String {
    var fields: [(String, JSONText)] = [
      ("passed", .integer(passed)), ("failed", .integer(failed)),
    ]
    if let adapter {
      fields += [
        ("unsupported", .integer(unsupported)), ("implementation", .text(adapter.implementation)),
        ("chatter", .texts(adapter.chatter)), ("chatter_lines", .integer(adapter.chatterCount)),
        ("by_loss", .list(ResultCounts.byLoss(results).map(JSONText.init))),
        ("by_flag", .list(ResultCounts.byFlag(results).map(JSONText.init))),
      ]
    }
    return JSONText.object(fields + [("cases", .list(results.map(text)))]).written()
  }

  private func text(_ result: CaseResult) -> JSONText {
    var fields: [(String, JSONText)] = [
      ("case", .text(result.fullID)), ("loss", .text(result.loss)),
      ("flags", .texts(result.flags)), ("passed", .flag(result.isPassed)),
      ("verdicts", .object(result.comparisons.map { ($0.subject, .flag($0.isPassed)) })),
      ("report", result.outcome == .failed ? .text(result.report) : .null),
    ]
    if case .unsupported(let reason) = result.outcome {
      fields.append(("unsupported", .text(reason)))
    }
    return .object(fields)
  }

  /// The results of another implementation by loss and by flag, and its other output; nil without an
  /// adapter.
  var adapterText: String? {
    guard let adapter else { return nil }
    var lines = [adapter.implementation]
    lines +=
      table("loss", ResultCounts.byLoss(results)) + table("flag", ResultCounts.byFlag(results))
    if adapter.chatterCount > 0 {
      lines += ["", "Ignored \(adapter.chatterCount) lines of its output, such as:"]
      lines += adapter.chatter.map { "  \(printable($0))" }
    }
    return lines.joined(separator: "\n")
  }

  private func table(_ title: String, _ counts: [ResultCounts]) -> [String] {
    guard !counts.isEmpty else { return [] }
    let header = [title, "passed", "failed", "unsupported"]
    return [""]
      + Columns.lines(
        [header] + counts.map { [$0.name, "\($0.passed)", "\($0.failed)", "\($0.unsupported)"] })
  }

  /// The output of another program with control characters escaped.
  private func printable(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : "\(scalar)"
    }.joined()
  }

  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  func write(to path: String) throws(LossError) {
    try FileBytes.write(Array((json + "\n").utf8), to: path)
  }
}

extension JSONText {
  fileprivate init(_ counts: ResultCounts) {
    self = .object([
      ("name", .text(counts.name)), ("passed", .integer(counts.passed)),
      ("failed", .integer(counts.failed)), ("unsupported", .integer(counts.unsupported)),
    ])
  }
}
