import LossCore

/// A loss as a function of three sums over a region: the overlap `Σ t p`, and the sizes of target
/// and prediction, in this order.
///
/// An enumeration, since an existential would be copied through a witness table for each class of
/// each run of positions.
enum OverlapMeasure: Sendable {
  case dice(DiceMeasure)
  case jaccard(JaccardMeasure)

  /// The term.
  func value(_ sums: SIMD4<Double>) -> Double {
    switch self {
    case .dice(let measure): measure.value(sums)
    case .jaccard(let measure): measure.value(sums)
    }
  }

  /// The derivatives with respect to the three sums.
  func derivative<N: LossArithmetic>(_ sums: (N, N, N)) -> (N, N, N) {
    switch self {
    case .dice(let measure): measure.derivative(sums)
    case .jaccard(let measure): measure.derivative(sums)
    }
  }

  /// Evaluates the regions with this activation and these sizes.
  func evaluateTerms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all,
    _ activation: Activation, squared: Bool
  ) throws(LossError) {
    if squared {
      try activation.evaluateTerms(
        context, region, of: classes, Overlap<Identity, Squared>(measure: self),
        Overlap<Sigmoid, Squared>(measure: self))
    } else {
      try activation.evaluateTerms(
        context, region, of: classes, Overlap<Identity, Plain>(measure: self),
        Overlap<Sigmoid, Plain>(measure: self))
    }
  }
}

/// The sums of a measure, specialised for the activation and for plain or squared sizes.
///
/// It is not generic in the measure, which is evaluated only once per region.
struct Overlap<Reading: ElementActivation, Size: RegionSize>: SmoothRegionFormula {
  let measure: OverlapMeasure

  /// Overlap and both sizes.
  static var sumCount: Int { 3 }
  /// Plain sizes are sums of the inputs themselves.
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
  func gradient<N: LossArithmetic>(_ prediction: N, _ target: N, _ derivatives: (N, N, N, N)) -> (
    N, N
  ) {
    let p = Reading.probability(prediction)
    return (
      Reading.derivative(prediction)
        * (target * derivatives.0 + Size.derivative(p) * derivatives.2),
      p * derivatives.0 + Size.derivative(target) * derivatives.1
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double { measure.value(sums) }

  func derivative<N: LossArithmetic>(_ sums: (N, N, N, N), count: Double) -> (N, N, N, N) {
    let derivatives = measure.derivative((sums.0, sums.1, sums.2))
    return (derivatives.0, derivatives.1, derivatives.2, 0)
  }
}
