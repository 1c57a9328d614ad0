import Foundation
import LossFunctions

/// The results of the cases, in the format of the script that benchmarks other frameworks.
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

  /// The header of the table.
  static let header =
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
  /// The report as JSON, which `bench_peers.py --merge` can read.
  var json: String {
    let results = results.map { one, timings -> (String, [String: Any]) in
      switch timings {
      case .success(let timings):
        (
          one.name,
          [
            "loss": number(timings.value.result), "value": timings.value.json(one.elements),
            "value_grad": timings.valueAndGradient.json(one.elements),
          ]
        )
      case .failure(let error): (one.name, ["error": error.description])
      }
    }
    let report: [String: Any] = [
      "framework": "swift-losses", "threads": threads, "cpu": BenchMachine.processor,
      "versions": BenchMachine.versions, "load_average": BenchMachine.loadAverage,
      "results": Dictionary(results, uniquingKeysWith: { $1 }),
    ]
    let data = try? JSONSerialization.data(
      withJSONObject: report, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}

/// A number, or null if JSON cannot represent it.
private func number(_ number: Double) -> Any { number.isFinite ? number : NSNull() }

extension Timing {
  fileprivate func json(_ elements: Int) -> [String: Any] {
    [
      "median_ns_per_call": number(median), "best_ns_per_call": number(best),
      "p90_ns_per_call": number(p90), "samples": count, "calls_per_sample": callsPerSample,
      "median_ns_per_element": number(median / Double(elements)),
      "best_ns_per_element": number(best / Double(elements)), "first_call_s": number(firstCall),
    ]
  }
}
