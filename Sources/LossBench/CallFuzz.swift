import Foundation
import LossConformance
import LossFunctions

/// Random calls in this process, most of them wrong: each returns numbers or throws a `LossError`.
struct CallFuzz {
  let count: Int
  /// The seed of the first call; the others follow, so that each can be made again alone.
  let seed: UInt64

  /// The seed of the call that is made, for the report of a trap.
  private nonisolated(unsafe) static var current: UInt64 = 0

  /// Makes the calls and prints how they ended; 1 if one ended otherwise.
  func run(show: (String) -> Void) -> Int32 {
    Self.reportTraps()
    var values = 0
    var failures = 0
    var refusals: [LossError.Code: Int] = [:]
    let clock = ContinuousClock()
    let start = clock.now
    for offset in 0..<UInt64(count) {
      Self.current = seed &+ offset
      var fuzzer = Fuzzer(seed: Self.current)
      fuzzer.draw()
      switch fuzzer.run(isThorough: false) {
      case .value: values += 1
      case .refusal(let code): refusals[code, default: 0] += 1
      case .failure(let message):
        failures += 1
        if failures <= 20 { show("seed \(Self.current): \(message)\n  \(fuzzer)") }
      }
    }
    let elapsed = start.duration(to: clock.now) / .seconds(1)
    show(
      "\(count) calls in \(Int(elapsed.rounded())) s, \(Int(Double(count) / elapsed)) per second")
    show("numbers  \(values)")
    for (code, count) in refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      show("\(code.rawValue)  \(count)")
    }
    show("failures  \(failures)")
    return failures == 0 ? 0 : 1
  }

  /// Prints the seed of a call that traps, before the process ends.
  private static func reportTraps() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
      signal(number) { number in
        // Nothing else may allocate here.
        var digits = CallFuzz.current
        let text = "losses-bench: the call of this seed trapped: " as StaticString
        write(2, text.utf8Start, text.utf8CodeUnitCount)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { buffer in
          buffer[20] = 10
          var index = 20
          repeat {
            index -= 1
            buffer[index] = 48 + UInt8(digits % 10)
            digits /= 10
          } while digits > 0
          write(2, buffer.baseAddress.map { $0 + index }, 21 - index)
        }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}
