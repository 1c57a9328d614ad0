import LossFunctions

/// The time of one call, sampled like the script that benchmarks other frameworks: a first call, 0.2
/// seconds of warm-up, then samples of about two milliseconds.
struct Timing {
  /// The result of a call, the same for every call.
  let result: Double
  /// The time of the first call in seconds.
  let firstCall: Double
  let callsPerSample: Int
  /// The time of one call in nanoseconds, one number per sample, in ascending order.
  private let samples: [Double]

  var count: Int { samples.count }
  var median: Double { samples[samples.count / 2] }
  var best: Double { samples[0] }
  var p90: Double { samples[samples.count * 9 / 10] }

  /// Samples for a given number of seconds, at least seven times.
  ///
  /// - Throws: `LossError` if a call fails, or if results differ.
  init(for seconds: Double, _ calls: BenchWork.Calls) throws(LossError) {
    let (result, firstCall) = try Timing.time(1, calls)
    // Results are summed and compared below, so that no call is optimized away.
    var sum = result
    var callCount = 1
    func timed(_ count: Int) throws(LossError) -> Double {
      let (partialSum, seconds) = try Timing.time(count, calls)
      sum += partialSum
      callCount += count
      return seconds
    }

    let clock = ContinuousClock()
    let warm = clock.now + .seconds(0.2)
    let start = clock.now
    var warmCount = 0
    while warmCount < 2 || clock.now < warm {
      _ = try timed(1)
      warmCount += 1
    }
    let single = (clock.now - start) / .seconds(1) / Double(warmCount)
    let callsPerSample = max(1, Int(0.002 / max(single, 1e-9)))

    var samples: [Double] = []
    let end = clock.now + .seconds(seconds)
    while samples.count < 7 || (clock.now < end && samples.count < 400) {
      samples.append(try timed(callsPerSample) / Double(callsPerSample) * 1e9)
    }
    let mean = sum / Double(callCount)
    guard (mean - result).magnitude <= 1e-6 * result.magnitude else {
      throw LossError(
        .invalidValue, subject: "the result", found: "is \(result) first and \(mean) on average",
        expected: "equal results of all calls")
    }
    self.result = result
    self.firstCall = firstCall
    self.callsPerSample = callsPerSample
    self.samples = samples.sorted()
  }

  private static func time(
    _ count: Int, _ calls: BenchWork.Calls
  ) throws(LossError) -> (result: Double, seconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try calls(count)
    return (result, (clock.now - start) / .seconds(1))
  }
}
