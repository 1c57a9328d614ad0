public import LossCore

/// The emissions of one sequence, e^(logit - largest logit of the step), as `mantissa · 2^exponent`.
///
/// The sum over the classes, which would make them probabilities, is divided out at the end, where
/// its logarithm is added to the loss. Of log-probabilities nothing is subtracted.
@usableFromInline struct CTCEmissions {
  @usableFromInline let classCount: Int
  /// Whether the emissions of all time steps are kept, as the gradient needs them, or the last ones.
  @usableFromInline let keepsRows: Bool
  /// For each time step the mantissas of all classes, then their exponents.
  @usableFromInline let table: UnsafeMutablePointer<Double>
  /// The sum of the emissions without the largest, which is 1, for each time step.
  @usableFromInline let rests: UnsafeMutablePointer<Double>
  /// Room for one number a class.
  @usableFromInline let row: UnsafeMutablePointer<Double>

  /// How many numbers the emissions need; `Int.max` if that is more than can be counted.
  @usableFromInline
  static func workspaceCount(time: Int, classes: Int) -> Int {
    let (pair, tooManyClasses) = classes.multipliedReportingOverflow(by: 2)
    let (rows, tooManyRows) = time.addingReportingOverflow(1)
    let (count, overflow) = pair.addingReportingOverflow(1)
    let (total, tooMany) = count.multipliedReportingOverflow(by: rows)
    return tooManyClasses || tooManyRows || overflow || tooMany ? .max : total
  }

  @usableFromInline
  init(
    time: Int, classCount: Int, keepsRows: Bool, workspace: UnsafeMutablePointer<Double>
  ) {
    self.classCount = classCount
    self.keepsRows = keepsRows
    rests = workspace
    row = rests + time
    table = row + classCount
  }

  @inlinable @inline(__always)
  func mantissas(_ time: Int) -> UnsafeMutablePointer<Double> {
    table + (keepsRows ? time * 2 * classCount : 0)
  }

  @inlinable @inline(__always)
  func exponents(_ time: Int) -> UnsafeMutablePointer<Double> {
    mantissas(time) + classCount
  }

  /// Fills in a step of logits.
  ///
  /// The largest emission, 1, is left out of the sum: log(1 + rest) keeps a small rest.
  @inlinable @inline(__always)
  func fill<S: LossScalar>(_ time: Int, logits: UnsafePointer<S>) {
    let top = RowMath.largest(logits, count: classCount)
    fill(time, logits, shift: top.widened)
    let mantissas = mantissas(time)
    let exponents = exponents(time)
    var largest = 0
    for c in 0..<classCount {
      let emission = ScaledExponential.plain(mantissas[c], exponents[c])
      row[c] = Double.select(logits[c] == top, 0, emission)
    }
    for c in 0..<classCount { largest &+= logits[c] == top ? 1 : 0 }
    let others = BlockSum.sum(row, count: classCount).value + Double(largest - 1)
    // An infinite logit is not a number of the formula; this makes it NaN.
    rests[time] = others + (top.widened - top.widened)
  }

  /// Writes e^(value - shift).
  @inlinable @inline(__always)
  func fill<S: LossScalar>(_ time: Int, _ values: UnsafePointer<S>, shift: Double) {
    let mantissas = mantissas(time)
    let exponents = exponents(time)
    let zero = ScaledLanes.zeroExponent
    for c in 0..<classCount {
      let emission = ScaledExponential(values[c].widened - shift)
      let isZero = emission.exponent <= zero / 2
      mantissas[c] = Double.select(isZero, 0, emission.mantissa)
      exponents[c] = Double.select(isZero, zero, emission.exponent)
    }
  }

  /// Σ over the first steps of the logarithm of the sum of a step's emissions.
  @inlinable
  func logOfSums(_ time: Int) -> WideSum {
    RowMath.sum(count: time) { Double.log(onePlus: rests[$0]) }
  }
}
