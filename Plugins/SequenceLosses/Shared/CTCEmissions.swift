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
  /// One over the sum of the emissions, for each time step.
  @usableFromInline let units: UnsafeMutablePointer<Double>
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
    units = workspace
    row = units + time
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

  /// Fills in a step of logits, and gives the logarithm of the sum of its emissions.
  ///
  /// The largest emission, 1, is left out of the sum: log(1 + rest) keeps a small rest.
  @inlinable @inline(__always)
  func fill<S: LossScalar>(_ time: Int, logits: UnsafePointer<S>) -> Double {
    let (top, index) = RowMath.maximum(logits, count: classCount)
    fill(time, logits, shift: top.widened)
    for c in 0..<classCount { row[c] = plain(time, c) }
    row[index] = 0
    let rest = BlockSum.sum(row, count: classCount).value
    units[time] = 1 / (1 + rest)
    // An infinite logit is not a number of the formula; this makes it NaN.
    return Double.log(onePlus: rest) + (top.widened - top.widened)
  }

  /// Writes e^(value - shift): with n = round(x / ln 2), 2^n and e^(x - n ln 2).
  @inlinable @inline(__always)
  func fill<S: LossScalar>(_ time: Int, _ values: UnsafePointer<S>, shift: Double) {
    let mantissas = mantissas(time)
    let exponents = exponents(time)
    let zero = ScaledLanes.zeroExponent
    for c in 0..<classCount {
      let x = values[c].widened - shift
      // Adding and subtracting 1.5 · 2^52 rounds to a whole number. The parts of ln 2 are those of
      // the exponential function: products with the first are exact.
      let n = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52
      let r = (x - n * 0x1.62e42ffp-1) + n * 0x1.718432a1b0e26p-35
      let isZero = n <= zero / 2
      // Beyond 2^50 the remainder is lost beside the number, and must only stay small.
      mantissas[c] = Double.select(isZero, 0, Double.exp(Double.clamped(r, -1, 1)))
      exponents[c] = Double.select(isZero, zero, n)
    }
  }

  /// An emission as one number, 0 if it is too small.
  @inlinable @inline(__always)
  func plain(_ time: Int, _ c: Int) -> Double {
    let exponent = exponents(time)[c]
    let shifted = Double.select(exponent > -1023, exponent, -1023) + (0x1.8p52 + 1023)
    return mantissas(time)[c] * Double(bitPattern: shifted.bitPattern &<< 52)
  }
}
