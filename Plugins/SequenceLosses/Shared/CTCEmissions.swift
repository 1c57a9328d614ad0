import LossCore

/// The emissions of one sequence, `e^(logit - largest logit of the step)`, as
/// `mantissa · 2^exponent`.
///
/// They are not normalised: the logarithms of their sums over the classes are added to the loss at
/// the end. For log-probabilities nothing is subtracted.
struct CTCEmissions {
  let classCount: Int
  /// The number of time steps in memory; a step is stored at its index modulo this number.
  let kept: Int
  /// For each time step, the mantissas of all classes, then their exponents.
  let table: UnsafeMutablePointer<Double>
  /// The sum of the emissions except the largest, which is 1, for each time step.
  let sumsExcludingMax: UnsafeMutablePointer<Double>
  /// Scratch memory of one number per class.
  let row: UnsafeMutablePointer<Double>
  /// The end of the emissions in the workspace.
  var end: UnsafeMutablePointer<Double> { table + 2 * kept * classCount }

  init(time: Int, classCount: Int, kept: Int, workspace: UnsafeMutablePointer<Double>) {
    self.classCount = classCount
    self.kept = kept
    sumsExcludingMax = workspace
    row = sumsExcludingMax + time
    table = row + classCount
  }

  @inline(__always)
  func mantissas(_ time: Int) -> UnsafeMutablePointer<Double> {
    table + time % kept * 2 * classCount
  }

  @inline(__always)
  func exponents(_ time: Int) -> UnsafeMutablePointer<Double> {
    mantissas(time) + classCount
  }

  /// Computes the emissions of a step from logits.
  ///
  /// The largest emission, 1, is left out of the sum: `log(1 + sum)` keeps a small sum.
  @inline(__always)
  func fill<S: LossScalar>(_ time: Int, logits: UnsafePointer<S>) {
    let top = RowMath.largest(logits, count: classCount)
    guard top < .infinity || top.isNaN else { return fillInfinite(time, logits: logits) }
    let shift = top.asDouble
    let mantissas = mantissas(time)
    let exponents = exponents(time)
    for c in 0..<classCount {
      let emission = Self.emission(logits[c].asDouble - shift)
      mantissas[c] = emission.mantissa
      exponents[c] = emission.exponent
    }
    var largest: Int32 = 0
    for c in 0..<classCount {
      // The compiler would turn a conditional 1 into a branch.
      largest &+= Int32(truncatingIfNeeded: unsafeBitCast(logits[c] == top, to: UInt8.self))
    }
    for c in 0..<classCount {
      let emission = ScaledExponential.plain(mantissas[c], exponents[c])
      row[c] = Double.select(logits[c] == top, 0, emission)
    }
    let others = CTCEmissions.sum(row, count: classCount) + Double(largest - 1)
    // This turns a row of minus infinity into NaN.
    sumsExcludingMax[time] = others + (shift - shift)
  }

  /// Computes the emissions of a step whose largest logit is infinite: 1 for each infinite logit and
  /// 0 for the others, as ``RowMath`` does.
  private func fillInfinite<S: LossScalar>(_ time: Int, logits: UnsafePointer<S>) {
    let (mantissas, exponents) = (mantissas(time), exponents(time))
    var largest = 0.0
    for c in 0..<classCount {
      let emission = Self.emission(logits[c] == .infinity ? 0 : -.infinity)
      mantissas[c] = emission.mantissa
      exponents[c] = emission.exponent
      if logits[c] == .infinity { largest += 1 }
    }
    sumsExcludingMax[time] = largest - 1
  }

  /// Computes the emissions of a step from log-probabilities.
  @inline(__always)
  func fill<S: LossScalar>(_ time: Int, logarithms: UnsafePointer<S>) {
    let mantissas = mantissas(time)
    let exponents = exponents(time)
    for c in 0..<classCount {
      let emission = Self.emission(logarithms[c].asDouble)
      mantissas[c] = emission.mantissa
      exponents[c] = emission.exponent
    }
  }

  /// The exponential of a number; for minus infinity, an exponent near that of 0.
  @inline(__always)
  static func emission(_ logarithm: Double) -> ScaledExponential {
    ScaledExponential(Double.select(logarithm < -0x1p999, -0x1p999, logarithm))
  }

  /// The sum of positive numbers, in lanes, in index order.
  @inline(__always)
  static func sum(_ numbers: UnsafeMutablePointer<Double>, count: Int) -> Double {
    var lanes = SIMD8<Double>.zero
    var index = 0
    while index &+ 8 <= count {
      lanes += UnsafeRawPointer(numbers + index).loadUnaligned(as: SIMD8<Double>.self)
      index &+= 8
    }
    let four = lanes.lowHalf + lanes.highHalf
    let two = four.lowHalf + four.highHalf
    var sum = two[0] + two[1]
    while index < count {
      sum += numbers[index]
      index &+= 1
    }
    return sum
  }

  /// Σ over the first `time` steps of the logarithm of the sum of emissions.
  func logOfSums(_ time: Int) -> CompensatedSum {
    RowMath.sum(count: time) { start, count, logs in
      for step in 0..<count { logs[step] = Double.log(onePlus: sumsExcludingMax[start + step]) }
    }
  }
}
