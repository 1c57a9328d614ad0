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
    _ context: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all,
    _ activation: Activation
  ) throws(LossError) {
    try activation.evaluateTerms(
      context, region, of: classes, Tversky<Identity>(measure: self),
      Tversky<Sigmoid>(measure: self))
  }

  /// The term.
  func value(_ sums: SIMD4<Double>) -> Double {
    let value = ratio.value(
      overlap: sums[0], errors: errors(sums[1], sums[2]), isAbsent: sums[0] + sums[2] == 0)
    return power.map { Double.pow(value, $0) } ?? value
  }

  /// The derivatives with respect to the three sums; 0 where a power is taken of 0.
  func derivative<N: LossArithmetic>(_ sums: (N, N, N)) -> (N, N, N) {
    let (overlap, errors, isAbsent) = (sums.0, errors(sums.1, sums.2), sums.0 + sums.2 == 0)
    let derivative = ratio.derivative(overlap: overlap, errors: errors, isAbsent: isAbsent)
    let derivatives = (
      derivative.overlap, N(falsePositiveWeight) * derivative.errors,
      N(falseNegativeWeight) * derivative.errors
    )
    guard let power else { return derivatives }
    let value = ratio.value(overlap: overlap, errors: errors, isAbsent: isAbsent)
    guard value != 0 else { return (0, 0, 0) }
    let factor = N(power) * N.pow(value, N(power - 1))
    return (derivatives.0 * factor, derivatives.1 * factor, derivatives.2 * factor)
  }

  private func errors<N: LossArithmetic>(_ falsePositives: N, _ falseNegatives: N) -> N {
    N(falsePositiveWeight) * falsePositives + N(falseNegativeWeight) * falseNegatives
  }
}

/// The sums of the measure, specialised for the activation.
///
/// They are not the sums of `Overlap`, from which the errors would follow as differences: small
/// errors, and the complement of a sigmoid near 1, would be lost to rounding.
struct Tversky<Reading: ElementActivation>: SmoothRegionFormula {
  let measure: TverskyMeasure

  /// True positives, false positives, false negatives.
  static var sumCount: Int { 3 }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = Reading.probability(prediction)
    return (target * p, (1 - target) * p, target * Reading.complement(prediction), 0)
  }

  @inline(__always)
  func gradient<N: LossArithmetic>(_ prediction: N, _ target: N, _ derivatives: (N, N, N, N)) -> (
    N, N
  ) {
    let p = Reading.probability(prediction)
    let derivative = target * (derivatives.0 - derivatives.2) + (1 - target) * derivatives.1
    return (
      Reading.derivative(prediction) * derivative,
      p * (derivatives.0 - derivatives.1) + Reading.complement(prediction) * derivatives.2
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double { measure.value(sums) }

  func derivative<N: LossArithmetic>(_ sums: (N, N, N, N), count: Double) -> (N, N, N, N) {
    let derivatives = measure.derivative((sums.0, sums.1, sums.2))
    return (derivatives.0, derivatives.1, derivatives.2, 0)
  }
}
