import Foundation
import LossConformance
import LossFunctions
import Testing

/// The example of `docs/Adapters.md`, if Python is installed.
@Suite struct AdapterGuideTests {
  private static let docs = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../docs").standardizedFileURL

  private static func runs(_ python: String) -> Bool {
    system("python3 -c '\(python)' >/dev/null 2>&1") == 0
  }

  @Test("The example of the guide works", .enabled("python3 is not installed") { runs("") })
  func example() throws {
    let guide = try String(
      contentsOf: Self.docs.appending(path: "Adapters.md"), encoding: .utf8)
    let parts = guide.components(separatedBy: "```python\n")
    try #require(parts.count == 2)
    let program = try #require(parts[1].components(separatedBy: "```").first)
    #expect(program.split(separator: "\n").count <= 24)
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).py")
    try Data(program.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let adapter = try Adapter(command: "exec python3 '\(file.path)'")
    #expect(adapter.implementation == "twenty lines")
    let cases = try Corpus.builtIn().matching("regression/mean_squared_error#").cases
    let results = cases.filter { !$0.flags.contains("LostNaN") }.map { $0.check(with: adapter) }
    #expect(results.contains { $0.isPassed })
    #expect(results.contains { $0.outcome != .passed && $0.outcome != .failed })
    for result in results { #expect(result.outcome != .failed, "\(result.report)") }
  }
}
