/// A loss with one term per region: an image, a class, or the batch.
///
/// A loss whose options choose one of several formulas implements `run` and calls
/// `formula.evaluateTerms(context, region)` on the chosen formula.
public protocol RegionFormLoss: FormLoss {
  /// The elements that one term covers.
  var region: RegionScope { get }
}

/// A loss whose term is one formula of sums over a region.
///
/// Implement the summands of each element and the formula of the sums, both with their derivatives;
/// the form iterates over the regions and applies the chain rule.
public protocol RegionLoss: RegionFormLoss, RegionFormula {}

/// A formula of sums over a region, with its derivatives.
public protocol RegionFormula: Sendable {
  /// How many of the four sums are used.
  static var sumCount: Int { get }
  /// The source of each summand; a summand that is an input is added in place. Computed by default.
  static var sources: (RegionSource, RegionSource, RegionSource, RegionSource) { get }
  /// The summands of one element; 0 for sums that are not used.
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S)
  /// The derivative of the term with respect to one prediction and one target, from the derivatives
  /// with respect to the sums.
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ derivatives: (S, S, S, S)) -> (S, S)
  /// The term of a region from its sums and the number of its elements.
  func value(_ sums: SIMD4<Double>, count: Double) -> Double
  /// The derivative of the term with respect to each sum.
  func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double>
  /// An equivalent formula with smaller summands, for regions whose sums overflow; nil if they
  /// cannot.
  ///
  /// Its value and gradient are the same; only the sums differ. The kernel uses it to sum a region
  /// again whose sums are not finite.
  func scaledDown<S: LossScalar>(for type: S.Type) -> Self?
  /// The loops for products of the Hessian with a vector, which a `SmoothRegionFormula` has; nil for a
  /// formula without second derivatives.
  var secondOrder: RegionSecondOrder? { get }
}

/// The source of a summand.
public enum RegionSource: Sendable {
  /// Computed from both inputs.
  case computed
  /// The prediction itself, or its softmax.
  case prediction
  /// The target itself.
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
  /// Nil: no second derivatives.
  @inlinable public var secondOrder: RegionSecondOrder? { nil }
}

extension RegionFormLoss {
  /// Prediction and target of equal shape.
  public var signature: LossSignature { region.signature }
}

extension RegionLoss {
  /// Evaluates all regions.
  @inlinable
  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try evaluateTerms(context, region)
  }
}

extension RegionFormula {
  /// Evaluates all regions, in two passes over the data if derivatives are requested.
  @inlinable
  public func evaluateTerms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all
  ) throws(LossError) {
    let context = copy context
    if context.integers(1) == nil, let count = context.inputs[0]?.count {
      try context.require([count], of: "a loss over regions")
    }
    try evaluate(context, RegionKernel(self, context, region, classes, isSoftmax: false))
  }

  /// Evaluates all regions on the softmax of the prediction, which holds logits along the class
  /// axis.
  @inlinable
  public func evaluateSoftmax<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ region: RegionScope, of classes: RegionClasses = .all
  ) throws(LossError) {
    let context = copy context
    try evaluate(context, RegionKernel(self, context, region, classes, isSoftmax: true))
  }

  @inlinable
  func evaluate<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ kernel: consuming RegionKernel<Self, S>?
  ) throws(LossError) {
    if context.order == .hessianVectorProduct {
      guard let secondOrder else {
        throw LossError(
          .invalidValue, subject: "order", found: "is a product of the Hessian",
          expected: "a gradient: the formula is no SmoothRegionFormula")
      }
      kernel?.secondOrder = secondOrder
    }
    try kernel?.run()
  }
}
