import LossCore

/// The Tversky loss from true positives, false positives and false negatives, or a power of it.
struct TverskyMeasure: Sendable {
  let falsePositiveWeight: Double
  let falseNegativeWeight: Double
  let ratio: OverlapRatio
  /// The exponent; nil for the ratio itself.
  let power: Double?

  init(
    _ weights: (falsePositive: Double, falseNegative: Double), _ ratio: OverlapRatio,
    power: Double? = nil
  ) {
    (falsePositiveWeight, falseNegativeWeight) = weights
    self.ratio = ratio
    self.power = power
  }

  /// Evaluates the regions with this activation.
  func evaluateTerms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all,
    _ activation: Activation
  ) throws(LossError) {
    try activation.evaluateTerms(
      pass, region, of: classes, Tversky<Identity>(measure: self), Tversky<Sigmoid>(measure: self))
  }

  /// The term.
  func value(_ sums: SIMD4<Double>) -> Double {
    let value = ratio.value(
      overlap: sums[0], errors: errors(sums), isAbsent: sums[0] + sums[2] == 0)
    return power.map { Double.pow(value, $0) } ?? value
  }

  /// The derivatives with respect to the three sums; 0 where a power is taken of 0.
  func derivative(_ sums: SIMD4<Double>) -> SIMD4<Double> {
    let derivative = ratio.derivative(
      overlap: sums[0], errors: errors(sums), isAbsent: sums[0] + sums[2] == 0)
    let derivatives = SIMD4(
      derivative.overlap, falsePositiveWeight * derivative.errors,
      falseNegativeWeight * derivative.errors, 0)
    guard let power else { return derivatives }
    let value = ratio.value(
      overlap: sums[0], errors: errors(sums), isAbsent: sums[0] + sums[2] == 0)
    return value == 0 ? .zero : derivatives * (power * Double.pow(value, power - 1))
  }

  private func errors(_ sums: SIMD4<Double>) -> Double {
    falsePositiveWeight * sums[1] + falseNegativeWeight * sums[2]
  }
}

/// The sums of the measure, specialised for the activation.
///
/// They are not the sums of `Overlap`, from which the errors would follow as differences: small
/// errors, and the complement of a sigmoid near 1, would be lost to rounding.
struct Tversky<Reading: ElementActivation>: RegionFormula {
  let measure: TverskyMeasure

  /// True positives, false positives, false negatives.
  static var sumCount: Int { 3 }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = Reading.probability(prediction)
    return (target * p, (1 - target) * p, target * Reading.complement(prediction), 0)
  }

  @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ derivatives: (S, S, S, S)) -> (S, S)
  {
    let p = Reading.probability(prediction)
    let derivative = target * (derivatives.0 - derivatives.2) + (1 - target) * derivatives.1
    return (
      Reading.derivative(prediction) * derivative,
      p * (derivatives.0 - derivatives.1) + Reading.complement(prediction) * derivatives.2
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double { measure.value(sums) }

  func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    measure.derivative(sums)
  }
}
