import Foundation
import LossFunctions

/// What came of the cases, in the layout of the script that times the peers.
struct BenchReport {
  /// The timings of one case.
  struct Timings {
    let value: Timing
    let valueAndGradient: Timing
  }

  let threads: Int
  private(set) var results: [(case: BenchCase, timings: Result<Timings, LossError>)] = []

  init(threads: Int) { self.threads = threads }

  var failed: Int { results.count { (try? $0.timings.get()) == nil } }

  /// Times a case.
  mutating func run(_ one: BenchCase, seconds: Double) {
    let timings = Result { () throws(LossError) in
      let work = try one.prepare(threads)
      return Timings(
        value: try Timing(for: seconds, work.value),
        valueAndGradient: try Timing(for: seconds, work.valueAndGradient))
    }
    results.append((one, timings))
  }
}

extension BenchReport {
  private static let widths = [-24, 10, 12, 10, 16, 10]

  /// The head of the table.
  static let head =
    "nanoseconds per element\n"
    + line(["case", "elements", "value median", "best", "v+gradient median", "best"])

  /// The row of the last case.
  var lastRow: String {
    guard let (one, timings) = results.last else { return "" }
    switch timings {
    case .success(let timings):
      let times = [timings.value, timings.valueAndGradient].flatMap { [$0.median, $0.best] }
      let cells = times.map { String(format: "%.4g", $0 / Double(one.elements)) }
      return BenchReport.line([one.name, "\(one.elements)"] + cells)
    case .failure(let error):
      return BenchReport.line([one.name, "\(one.elements)"]) + "  failed: \(error)"
    }
  }

  private static func line(_ cells: [String]) -> String {
    zip(cells, widths).map { cell, width in
      let space = String(repeating: " ", count: max(0, abs(width) - cell.count))
      return width < 0 ? cell + space : space + cell
    }.joined(separator: "  ")
  }
}

extension BenchReport {
  /// Everything: `bench_peers.py --merge` reads it like a run of its own.
  var json: String {
    let results = results.map { one, timings -> (key: String, value: JSONText) in
      switch timings {
      case .success(let timings):
        (
          one.name,
          .object([
            ("loss", .number(timings.value.result)), ("value", timings.value.json(one.elements)),
            ("value_grad", timings.valueAndGradient.json(one.elements)),
          ])
        )
      case .failure(let error): (one.name, .object([("error", .text(error.description))]))
      }
    }
    return JSONText.object([
      ("framework", .text("swift-losses")), ("threads", .integer(threads)),
      ("cpu", .text(BenchMachine.processor)), ("versions", BenchMachine.versions),
      ("load_average", .list(BenchMachine.loadAverage.map(JSONText.number))),
      ("results", .object(results)),
    ]).written()
  }
}

extension Timing {
  fileprivate func json(_ elements: Int) -> JSONText {
    .object([
      ("median_ns_per_call", .number(median)), ("best_ns_per_call", .number(best)),
      ("p90_ns_per_call", .number(p90)),
      ("median_ns_per_element", .number(median / Double(elements))),
      ("best_ns_per_element", .number(best / Double(elements))),
      ("samples", .integer(count)), ("calls_per_sample", .integer(callsPerSample)),
      ("first_call_s", .number(firstCall)),
    ])
  }
}

extension JSONText {
  fileprivate static func number(_ number: Double) -> JSONText {
    number.isFinite ? .verbatim("\(number)") : .null
  }
}
