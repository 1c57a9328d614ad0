import Foundation
import Testing

@testable import LossTool

@Suite struct VerifyAdapterTests {
  /// A shell adapter with the same response to every case, after a line of other output.
  private func withAdapter(
    responding response: String, _ work: (_ command: String, _ folder: String) throws -> Void
  ) throws {
    let script = """
      echo '\u{1b}[1mhello'
      echo '{"protocol": 1, "implementation": "constant 1.0"}'
      while read -r line; do
        id=${line#*\\"id\\": }
        printf '{"id": %s, \(response)}\\n' "${id%%,*}"
      done
      """
    try withTemporaryFolder { folder in
      try Data(script.utf8).write(to: URL(filePath: folder + "/adapter.sh"))
      try work("sh \(folder)/adapter.sh", folder)
    }
  }

  private static let four = #""value": {"shape": [], "data": [4]}"#

  @Test("The output has failures, tables by loss and flag, ignored lines, and counts")
  func tables() throws {
    try withAdapter(responding: Self.four) { command, _ in
      let run = Run("verify", "--filter", "flux/huber_loss", "--adapter", command)
      #expect(run.status == 1, "\(run.errors)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.contains("constant 1.0"))
      let table = lines.map { $0.split(separator: " ") }
      #expect(table.contains(["loss", "passed", "failed", "unsupported"]))
      #expect(table.contains { $0.first == "huber" && $0.count == 4 })
      #expect(table.contains { $0.first == "HalfFactor" && $0.count == 4 })
      #expect(lines.contains { $0.contains("Ignored 1 lines of its output") })
      #expect(!run.output.contains("\u{1b}"))
      #expect(lines.last?.hasSuffix("failed, 0 unsupported") == true)
    }
  }

  @Test("Unsupported cases give status 0; JSON has the same counts")
  func json() throws {
    try withAdapter(responding: #""unsupported": "none of it""#) { command, folder in
      let report = folder + "/report.json"
      let run = Run(
        "verify", "--filter", "/huber#", "--adapter", command, "--json", "--report", report)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try String(contentsOfFile: report, encoding: .utf8) == run.output)
      let result = try LossToolTests.json(run.output)
      let cases = try #require(result["cases"] as? [[String: Any]])
      #expect(result["implementation"] as? String == "constant 1.0")
      #expect(result["unsupported"] as? Int == cases.count)
      // Cases with second derivatives or Hessian products are not sent.
      #expect(
        Set(cases.map { $0["unsupported"] as? String })
          == ["none of it", "adapters have no second derivatives"])
      let losses = try #require(result["by_loss"] as? [[String: Any]])
      #expect(losses.map { $0["name"] as? String } == ["huber"])
      #expect(run.errors.contains("0 passed, 0 failed, \(cases.count) unsupported"))
    }
  }

  @Test("Status 2 if the cases cannot be run")
  func cannotRun() throws {
    let run = Run("verify", "--adapter", "exit 5")
    #expect(run.status == 2)
    #expect(run.errors.contains("status 5"))
    for limit in ["0", "-1", "soon", "nan", "inf"] {
      #expect(Run("verify", "--adapter", "cat", "--time-limit", limit).status == 2)
    }
    #expect(Run("verify", "--time-limit", "1").errors.contains("without --adapter"))
  }
}
