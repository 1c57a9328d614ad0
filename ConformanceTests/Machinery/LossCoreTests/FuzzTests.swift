import Foundation
import LossConformance
import LossFunctions
import Testing

/// Every registered name with random inputs, options and reductions: a call returns a consistent
/// result or throws `LossError`; it never traps.
@Suite struct FuzzTests {
  /// `LOSS_FUZZ=400 swift test --filter FuzzTests` runs more seeds; `losses-bench --fuzz 1000000`
  /// makes more calls, without the typed ones.
  static let seeds =
    UInt64(1)...(ProcessInfo.processInfo.environment["LOSS_FUZZ"].flatMap { UInt64($0) } ?? 4)

  @Test("random calls return or throw", .serialized, arguments: FuzzTests.seeds)
  func randomCalls(_ seed: UInt64) async throws {
    let log = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).txt").path
    defer { try? FileManager.default.removeItem(atPath: log) }
    // A separate process, so that a trap fails this test only.
    await #expect(processExitsWith: .success) {
      [seed = seed as UInt64, log = log as String] in
      var fuzzer = Fuzzer(seed: seed)
      var results = 0
      var refusals = 0
      for round in 0..<1000 {
        fuzzer.draw()
        try "seed \(seed), round \(round): \(fuzzer.description)\n"
          .write(toFile: log, atomically: false, encoding: .utf8)
        switch fuzzer.run(isThorough: true) {
        case .value: results += 1
        case .refusal: refusals += 1
        case .failure(let message):
          Issue.record("\(message)\nseed \(seed), round \(round): \(fuzzer.description)")
        }
      }
      #expect(results > 80, "too few calls returned: \(results)")
      #expect(refusals > 100, "too few calls threw: \(refusals)")
      try "".write(toFile: log, atomically: false, encoding: .utf8)
    }
    let last = try String(contentsOfFile: log, encoding: .utf8)
    if !last.isEmpty { Issue.record("the last call was \(last)") }
  }
}
