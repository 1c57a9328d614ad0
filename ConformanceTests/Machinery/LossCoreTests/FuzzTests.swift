import Foundation
import LossFunctions
import Testing

/// Every registered name with random inputs, options and reductions: a call returns a consistent
/// result or throws `LossError`; it never traps.
@Suite struct FuzzTests {
  /// `LOSS_FUZZ=400 swift test --filter FuzzTests` runs more seeds.
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
      for round in 0..<1000 {
        fuzzer.draw()
        try "seed \(seed), round \(round): \(fuzzer.description)\n"
          .write(toFile: log, atomically: false, encoding: .utf8)
        if let failureMessage = fuzzer.run() {
          Issue.record("\(failureMessage)\nseed \(seed), round \(round): \(fuzzer.description)")
        }
      }
      if ProcessInfo.processInfo.environment["LOSS_FUZZ"] != nil {
        print(fuzzer.results, fuzzer.refusals)
      }
      #expect(fuzzer.results > 100, "too few calls returned: \(fuzzer.results)")
      #expect(fuzzer.refusals > 100, "too few calls threw: \(fuzzer.refusals)")
      try "".write(toFile: log, atomically: false, encoding: .utf8)
    }
    let last = try String(contentsOfFile: log, encoding: .utf8)
    if !last.isEmpty { Issue.record("the last call was \(last)") }
  }
}
