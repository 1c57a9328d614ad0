import LossFunctions

/// How long one call takes, sampled as the script that times the peers does: a first call, a fifth
/// of a second to warm up, then samples of about two milliseconds.
struct Timing {
  /// What one call gives, the same every time.
  let result: Double
  /// How long the first call took, in seconds.
  let firstCall: Double
  let callsPerSample: Int
  /// The nanoseconds of one call, one number a sample, in ascending order.
  private let samples: [Double]

  var count: Int { samples.count }
  var median: Double { samples[samples.count / 2] }
  var best: Double { samples[0] }
  var p90: Double { samples[samples.count * 9 / 10] }

  /// Samples for some seconds, at least seven times.
  ///
  /// - Throws: `LossError` if the calls fail, or differ in their results.
  init(for seconds: Double, _ calls: BenchWork.Calls) throws(LossError) {
    let (result, firstCall) = try Timing.time(1, calls)
    // Numbers that are summed and compared below cannot be left out.
    var sum = result
    var callCount = 1
    func timed(_ count: Int) throws(LossError) -> Double {
      let (part, seconds) = try Timing.time(count, calls)
      sum += part
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
        .invalidValue, subject: "the result", found: "is \(result) and then \(mean) on average",
        expected: "the same for every call")
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
