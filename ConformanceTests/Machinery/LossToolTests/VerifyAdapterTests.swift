import Foundation
import Testing

@testable import LossTool

@Suite struct VerifyAdapterTests {
  /// A shell's adapter that says the same to every case, after a word that is no answer.
  private func withAdapter(
    saying answer: String, _ work: (_ command: String, _ folder: String) throws -> Void
  ) throws {
    let script = """
      echo '\u{1b}[1mhello'
      echo '{"protocol": 1, "implementation": "constant 1.0"}'
      while read -r line; do
        id=${line#*\\"id\\": }
        printf '{"id": %s, \(answer)}\\n' "${id%%,*}"
      done
      """
    try withTemporaryFolder { folder in
      try Data(script.utf8).write(to: URL(filePath: folder + "/adapter.sh"))
      try work("sh \(folder)/adapter.sh", folder)
    }
  }

  private static let four = #""value": {"shape": [], "data": [4]}"#

  @Test("Failures, tables by loss and by flag, chatter, and the counts on the last line")
  func tables() throws {
    try withAdapter(saying: Self.four) { command, _ in
      let run = Run("verify", "--filter", "flux/huber_loss", "--adapter", command)
      #expect(run.status == 1, "\(run.errors)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.contains("constant 1.0"))
      let table = lines.map { $0.split(separator: " ") }
      #expect(table.contains(["loss", "passed", "failed", "unsupported"]))
      #expect(table.contains { $0.first == "huber" && $0.count == 4 })
      #expect(table.contains { $0.first == "HalfFactor" && $0.count == 4 })
      #expect(lines.contains { $0.contains("1 lines that are no answer") })
      #expect(!run.output.contains("\u{1b}"))
      #expect(lines.last?.hasSuffix("failed, 0 unsupported") == true)
    }
  }

  @Test("Nothing failed, nothing supported: status 0; with JSON the same in numbers")
  func json() throws {
    try withAdapter(saying: #""unsupported": "none of it""#) { command, folder in
      let report = folder + "/report.json"
      let run = Run(
        "verify", "--filter", "/huber#", "--adapter", command, "--json", "--report", report)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try String(contentsOfFile: report, encoding: .utf8) == run.output)
      let result = try LossToolTests.json(run.output)
      let cases = try #require(result["cases"] as? [[String: Any]])
      #expect(result["implementation"] as? String == "constant 1.0")
      #expect(result["unsupported"] as? Int == cases.count)
      #expect(cases.allSatisfy { $0["unsupported"] as? String == "none of it" })
      let losses = try #require(result["by_loss"] as? [[String: Any]])
      #expect(losses.map { $0["name"] as? String } == ["huber"])
      #expect(run.errors.contains("0 passed, 0 failed, \(cases.count) unsupported"))
    }
  }

  @Test("What cannot be run has status 2")
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
