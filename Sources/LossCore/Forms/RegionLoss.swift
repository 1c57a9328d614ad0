/// A loss whose terms are regions: an image, a class, a batch.
///
/// How a term is computed is up to the loss. One that computes one of several formulas of sums, as
/// its options say, implements `run` and lets the chosen formula walk: `formula.evaluateTerms(pass, region)`.
public protocol RegionFormLoss: FormLoss {
  /// What a region is, and so what a term is.
  var region: RegionScope { get }
}

/// A loss whose term is one formula of sums over a region.
///
/// Give what each element adds to the sums, and the formula of the sums, both with their
/// derivatives; the form walks the regions and chains the two.
public protocol RegionLoss: RegionFormLoss, RegionFormula {}

/// A formula of sums over a region, with its derivatives.
public protocol RegionFormula: Sendable {
  /// How many of the four sums are used.
  static var sumCount: Int { get }
  /// Where each summand comes from, so that an input is summed where it lies; computed by default.
  static var sources: (RegionSource, RegionSource, RegionSource, RegionSource) { get }
  /// What one element adds to each sum; 0 for sums that are not used.
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S)
  /// The derivative of the term with respect to one prediction and one target, from the derivatives
  /// with respect to the sums.
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ derivatives: (S, S, S, S)) -> (S, S)
  /// The term of a region from its sums and the number of its elements.
  func value(_ sums: SIMD4<Double>, count: Double) -> Double
  /// The derivative of the term with respect to each sum.
  func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double>
  /// The same formula of smaller summands, for regions whose sums lie beyond the largest number; nil
  /// for one whose sums do not.
  ///
  /// Its value and its gradient are those of the first: only the sums between differ. It is asked
  /// where a sum is not finite, and the regions are then summed again.
  func scaledDown<S: LossScalar>(for type: S.Type) -> Self?
}

/// Where what an element adds to a sum comes from.
public enum RegionSource: Sendable {
  /// It is computed from both inputs.
  case computed
  /// It is the prediction itself, or its softmax.
  case prediction
  /// It is the target itself.
  case target
}

extension RegionFormula {
  /// Every summand is computed.
  @inlinable
  public static var sources: (RegionSource, RegionSource, RegionSource, RegionSource) {
    (.computed, .computed, .computed, .computed)
  }
  /// Nil: the sums stay in range.
  @inlinable public func scaledDown<S: LossScalar>(for type: S.Type) -> Self? { nil }
}

extension RegionFormLoss {
  /// Prediction and target of equal shape.
  public var signature: LossSignature { region.signature }
}

extension RegionLoss {
  /// Walks the regions.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    try evaluateTerms(pass, region)
  }
}

extension RegionFormula {
  /// Walks the regions, twice where a gradient is wanted.
  @inlinable
  public func evaluateTerms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all
  ) throws(LossError) {
    let pass = copy pass
    if pass.integers(1) == nil, let count = pass.inputs[0]?.count {
      try pass.require([count], of: "a loss over regions")
    }
    try RegionKernel(self, pass, region, classes, isSoftmax: false)?.run()
  }

  /// Walks the regions of a prediction that holds logits along the class axis, as if it held their
  /// softmax.
  @inlinable
  public func evaluateSoftmax<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all
  ) throws(LossError) {
    try RegionKernel(self, copy pass, region, classes, isSoftmax: true)?.run()
  }
}
