import Foundation
import LossConformance
import LossFunctions

/// What came of checking many cases.
struct VerificationReport {
  let results: [CaseResult]
  /// The implementation that was asked; nil if it was ours.
  var adapter: Adapter?

  var passed: Int { results.count(where: \.isPassed) }
  var failed: Int { results.count { $0.outcome == .failed } }
  private var unsupported: Int { results.count - passed - failed }

  /// The last line of the output, which scripts read.
  var summary: String {
    "\(passed) passed, \(failed) failed" + (adapter == nil ? "" : ", \(unsupported) unsupported")
  }

  /// The counts and every case; a failed one with its report.
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
      ("report", result.outcome == .failed ? .text(result.report) : .null),
    ]
    if case .unsupported(let reason) = result.outcome {
      fields.append(("unsupported", .text(reason)))
    }
    return .object(fields)
  }

  /// What the other implementation came to, by loss and by flag, and what else it said; nil if it
  /// was ours.
  var adapterText: String? {
    guard let adapter else { return nil }
    var lines = [adapter.implementation]
    lines +=
      table("loss", ResultCounts.byLoss(results)) + table("flag", ResultCounts.byFlag(results))
    if adapter.chatterCount > 0 {
      lines += ["", "It wrote \(adapter.chatterCount) lines that are no answer, such as:"]
      lines += adapter.chatter.map { "  \(printable($0))" }
    }
    return lines.joined(separator: "\n")
  }

  private func table(_ title: String, _ tallies: [ResultCounts]) -> [String] {
    guard !tallies.isEmpty else { return [] }
    let head = [title, "passed", "failed", "unsupported"]
    return [""]
      + Columns.lines(
        [head] + tallies.map { [$0.name, "\($0.passed)", "\($0.failed)", "\($0.unsupported)"] })
  }

  /// What somebody else's program wrote, without what would steer a terminal.
  private func printable(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : "\(scalar)"
    }.joined()
  }

  /// - Throws: `LossError` of code `unreadable_file` if the file cannot be written.
  func write(to path: String) throws(LossError) {
    do {
      try Data((json + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw LossError(
        .unreadableFile, subject: path, found: "cannot be written: \(error.localizedDescription)")
    }
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
