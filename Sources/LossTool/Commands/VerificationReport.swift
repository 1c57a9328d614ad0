import Foundation
import LossConformance
import LossFunctions

/// What came of checking many cases.
struct VerificationReport {
  let results: [CaseResult]

  var failed: Int { results.count { !$0.isPassed } }

  /// The last line of the output, which scripts read.
  var summary: String { "\(results.count - failed) passed, \(failed) failed" }

  /// The counts and every case; a failed one with its report.
  var json: String {
    let cases = results.map { result in
      JSONText.object([
        ("case", .text(result.fullID)), ("loss", .text(result.loss)),
        ("flags", .texts(result.flags)), ("passed", .flag(result.isPassed)),
        ("report", result.isPassed ? .null : .text(result.report)),
      ])
    }
    return JSONText.object([
      ("passed", .integer(results.count - failed)), ("failed", .integer(failed)),
      ("cases", .list(cases)),
    ]).written()
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
