import Foundation
import LossFunctions
import Testing

/// Every registered name with inputs, options and reductions drawn wildly: a call returns a result
/// that fits together, or throws `LossError`; it never traps.
@Suite struct FuzzTests {
  /// `LOSS_FUZZ=400 swift test --filter FuzzTests` hunts longer.
  static let seeds =
    UInt64(1)...(ProcessInfo.processInfo.environment["LOSS_FUZZ"].flatMap { UInt64($0) } ?? 4)

  @Test("wild calls return or throw", .serialized, arguments: FuzzTests.seeds)
  func wild(_ seed: UInt64) async throws {
    let log = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).txt").path
    defer { try? FileManager.default.removeItem(atPath: log) }
    // A process of its own, so that a trap is a failure of this test and not the end of them all.
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
      #expect(fuzzer.results > 100, "too few calls came through: \(fuzzer.results)")
      #expect(fuzzer.refusals > 100, "too few calls were refused: \(fuzzer.refusals)")
      try "".write(toFile: log, atomically: false, encoding: .utf8)
    }
    let last = try String(contentsOfFile: log, encoding: .utf8)
    if !last.isEmpty { Issue.record("the last call was \(last)") }
  }
}
