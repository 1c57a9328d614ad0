import LossFunctions
import Testing

@testable import LossTool

/// That timing works; how long anything takes is no business of a test.
@Suite struct BenchTests {
  @Test("The JSON has the keys of the script that times other libraries")
  func layout() throws {
    let run = Run("bench", "--case", "mse_1e3", "--seconds", "0.01", "--json")
    #expect(run.status == 0)
    let report = try json(run.output)
    #expect(
      Set(report.keys) == ["framework", "threads", "cpu", "versions", "load_average", "results"])
    #expect(report["framework"] as? String == "swift-losses")
    #expect(report["threads"] as? Int == 1)
    let results = try #require(report["results"] as? [String: [String: Any]])
    #expect(Array(results.keys) == ["mse_1e3"])
    let one = try #require(results["mse_1e3"])
    #expect(Set(one.keys) == ["loss", "value", "value_grad"])
    for mode in ["value", "value_grad"] {
      let timing = try #require(one[mode] as? [String: Any])
      #expect(
        Set(timing.keys) == [
          "median_ns_per_call", "best_ns_per_call", "p90_ns_per_call", "median_ns_per_element",
          "best_ns_per_element", "samples", "calls_per_sample", "first_call_s",
        ])
      #expect(timing.values.allSatisfy { ($0 as? Double ?? 0) > 0 })
    }
  }

  @Test("A table has a row for each case, in the order of the table of cases")
  func table() {
    let names = ["named_mse_4", "dispatch_mse_4"]
    let run = Run("bench", "--case", names[0], "--case", names[1], "--seconds", "0.01")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.suffix(2).map { $0.prefix { $0 != " " } } == ["dispatch_mse_4", "named_mse_4"])
  }

  @Test("Names of cases are told apart")
  func names() { #expect(Set(BenchCase.all.map(\.name)).count == BenchCase.all.count) }

  @Test("Calls that fail, or that differ, are no timing")
  func refuses() {
    #expect(throws: LossError.self) {
      try Timing(for: 0.01) { _ throws(LossError) in
        throw LossError(.invalidValue, subject: "test", found: "fails", expected: "that")
      }
    }
    var call = 0.0
    #expect(throws: LossError.self) {
      try Timing(for: 0.01) { count throws(LossError) in
        call += 1
        return call * Double(count)
      }
    }
  }

  @Test("A wrong name or time is refused")
  func usage() {
    let run = Run("bench", "--case", "mse_1e4")
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("--case is \"mse_1e4\"; expected one of dispatch_mse_4, "))
    #expect(run.errors.contains("Did you mean \"mse_1e3\"?"))
    for seconds in ["0", "soon", "nan", "inf"] {
      let run = Run("bench", "--seconds", seconds)
      #expect(run.status == 2)
      #expect(run.errors.contains("--seconds is \"\(seconds)\"; expected a number above 0"))
    }
  }
}
