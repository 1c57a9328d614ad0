import Foundation
import LossFunctions
import Testing

@testable import LossBench

/// The timing machinery, without any assertion on times.
@Suite struct BenchTests {
  @Test("The JSON has the keys of the script that benchmarks other frameworks")
  func layout() throws {
    var run = BenchReport(threads: 1)
    run.run(try #require(BenchCase.all.first { $0.name == "mse_1e3" }), seconds: 0.01)
    #expect(run.failed == 0)
    let value = try JSONSerialization.jsonObject(with: Data(run.json.utf8))
    let report = try #require(value as? [String: Any])
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

  @Test("Cases run in the order of the table")
  func table() throws {
    let request = try BenchRequest(
      ["--case", "named_mse_4", "--case", "dispatch_mse_4", "--seconds", "0.01"])
    #expect(request.cases.map(\.name) == ["dispatch_mse_4", "named_mse_4"])
    #expect(request.seconds == 0.01)
    #expect(try BenchRequest([]).cases.count == BenchCase.all.count)
  }

  @Test("Names of cases are unique")
  func names() { #expect(Set(BenchCase.all.map(\.name)).count == BenchCase.all.count) }

  @Test("Calls that fail or differ are rejected")
  func rejects() {
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

  @Test(
    "An invalid option is rejected",
    arguments: [
      (["--case", "mse_1e9"], "--case is \"mse_1e9\"; expected one of dispatch_mse_4, "),
      (["--case", "mse_1e9"], "Did you mean \"mse_1e1\"?"),
      (["--seconds", "0"], "--seconds is \"0\"; expected a number above 0"),
      (["--seconds", "soon"], "expected a number above 0"),
      (["--seconds", "nan"], "expected a number above 0"),
      (["--seconds"], "--seconds has no value."),
      (["--threads", "0"], "expected an integer of at least 1"),
      (["--cases"], "unknown option \"--cases\""),
    ])
  func usage(words: [String], message: String) {
    do {
      _ = try BenchRequest(words)
      Issue.record("\(words) was accepted")
    } catch {
      #expect(error.description.contains(message))
    }
  }
}
