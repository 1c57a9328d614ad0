import LossCore

/// The overlap relative to true positives and weighted errors, or a power of what it lacks.
struct TverskyMeasure: Sendable {
  let falsePositiveWeight: Double
  let falseNegativeWeight: Double
  let ratio: OverlapRatio
  /// The power; nil for the ratio itself.
  let power: Double?

  init(
    _ weights: (falsePositive: Double, falseNegative: Double), _ ratio: OverlapRatio,
    power: Double? = nil
  ) {
    (falsePositiveWeight, falseNegativeWeight) = weights
    self.ratio = ratio
    self.power = power
  }

  /// Walks the regions with the activation that the options of a loss name.
  func evaluateTerms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all,
    _ activation: Activation
  ) throws(LossError) {
    try activation.evaluateTerms(
      pass, region, of: classes, Tversky<Identity>(measure: self), Tversky<Sigmoid>(measure: self))
  }

  /// The term of true positives, false positives and false negatives.
  func value(_ sums: SIMD4<Double>) -> Double {
    let value = ratio.value(
      overlap: sums[0], errors: errors(sums), isAbsent: sums[0] + sums[2] == 0)
    return power.map { Double.pow(value, $0) } ?? value
  }

  /// Its derivatives by these; 0 where nothing is lacking of which a power is taken.
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

/// The sums of the measure, for one activation.
///
/// They are not those of `Overlap`, of which the errors would be differences: where they are few,
/// and the rest of a sigmoid to 1 is less than the last digit of 1, nothing would be left of them.
struct Tversky<Reading: ElementActivation>: RegionFormula {
  let measure: TverskyMeasure

  /// True positives, false positives, false negatives.
  static var sumCount: Int { 3 }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = Reading.probability(prediction)
    return (target * p, (1 - target) * p, target * Reading.rest(prediction), 0)
  }

  @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ derivatives: (S, S, S, S)) -> (S, S)
  {
    let p = Reading.probability(prediction)
    let derivative = target * (derivatives.0 - derivatives.2) + (1 - target) * derivatives.1
    return (
      Reading.derivative(prediction) * derivative,
      p * (derivatives.0 - derivatives.1) + Reading.rest(prediction) * derivatives.2
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double { measure.value(sums) }

  func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    measure.derivative(sums)
  }
}
