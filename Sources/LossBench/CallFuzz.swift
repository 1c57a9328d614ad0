import LossConformance
import LossFunctions

/// Random calls in this process, most of them wrong: each returns numbers or throws a `LossError`.
struct CallFuzz {
  let count: Int
  /// The seed of the first call; the others follow, so that each can be made again alone.
  let seed: UInt64

  /// Makes the calls and prints how they ended; 1 if one ended otherwise.
  func run(show: (String) -> Void) -> Int32 {
    FuzzSeed.reportTraps()
    var values = 0
    var failures = 0
    var refusals: [LossError.Code: Int] = [:]
    let clock = ContinuousClock()
    let start = clock.now
    for offset in 0..<UInt64(count) {
      FuzzSeed.current = seed &+ offset
      var fuzzer = Fuzzer(seed: FuzzSeed.current)
      fuzzer.draw()
      switch fuzzer.run(isThorough: false) {
      case .value: values += 1
      case .refusal(let code): refusals[code, default: 0] += 1
      case .failure(let message):
        failures += 1
        if failures <= 20 { show("seed \(FuzzSeed.current): \(message)\n  \(fuzzer)") }
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
}
