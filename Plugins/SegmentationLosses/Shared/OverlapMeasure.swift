import LossCore

/// A loss as a function of three sums over a region: the overlap `Σ t p`, and the sizes of what is true
/// and of what is predicted, in this order.
protocol OverlapMeasure: Sendable {
  /// The term.
  func value(_ sums: SIMD4<Double>) -> Double
  /// The derivatives with respect to the three sums.
  func slope(_ sums: SIMD4<Double>) -> SIMD4<Double>
}

extension OverlapMeasure {
  /// Walks the regions with the activation and the sizes that the options of a loss name.
  func walk<S: LossScalar>(
    _ pass: borrowing LossPass<S>, _ region: Region, of classes: RegionClasses = .all,
    _ activation: Activation, squared: Bool
  ) throws(LossError) {
    switch (activation, squared) {
    case (.none, false): try Overlap<Identity, Plain, Self>(self).walk(pass, region, of: classes)
    case (.none, true): try Overlap<Identity, Squared, Self>(self).walk(pass, region, of: classes)
    case (.sigmoid, false): try Overlap<Sigmoid, Plain, Self>(self).walk(pass, region, of: classes)
    case (.sigmoid, true): try Overlap<Sigmoid, Squared, Self>(self).walk(pass, region, of: classes)
    case (.softmax, false):
      try Overlap<Identity, Plain, Self>(self).walkSoftmax(pass, region, of: classes)
    case (.softmax, true):
      try Overlap<Identity, Squared, Self>(self).walkSoftmax(pass, region, of: classes)
    }
  }
}

/// The sums of a measure, for one activation and one way of measuring a size.
struct Overlap<Reading: ElementActivation, Size: RegionSize, Measure: OverlapMeasure>: RegionFormula
{
  let measure: Measure

  init(_ measure: Measure) { self.measure = measure }

  /// Overlap and both sizes.
  static var sumCount: Int { 3 }
  /// Plain sizes are sums of the inputs.
  static var sources: (RegionSource, RegionSource, RegionSource, RegionSource) {
    guard Size.isPlain else { return (.computed, .computed, .computed, .computed) }
    return (.computed, .target, Reading.isIdentity ? .prediction : .computed, .computed)
  }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = Reading.probability(prediction)
    return (target * p, Size.value(target), Size.value(p), 0)
  }

  @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ slopes: (S, S, S, S)) -> (S, S) {
    let p = Reading.probability(prediction)
    return (
      Reading.slope(prediction) * (target * slopes.0 + Size.slope(p) * slopes.2),
      p * slopes.0 + Size.slope(target) * slopes.1
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double { measure.value(sums) }

  func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> { measure.slope(sums) }
}
