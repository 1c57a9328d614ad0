public import LossCore

/// The distance from a tube of half-width ε around the target.
///
///     max(0, |prediction - target| - ε)
///
/// It is the loss of support vector regression, and `L1EpsilonInsLoss` of LossFunctions.jl.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: the sign of the difference outside the tube, 0 inside and at its edge.
/// - Reference: V. Vapnik, "The Nature of Statistical Learning Theory", 1995.
public struct EpsilonInsensitiveLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// The tube.
  public typealias Options = TubeOptions

  public static let metadata = LossMetadata(
    "epsilon_insensitive", "The distance from a tube around the target.",
    formula: "max(0, |prediction - target| - epsilon)",
    domain: "Every real number. The gradient is 0 inside the tube and at its edge.",
    references: ["V. Vapnik, The Nature of Statistical Learning Theory, 1995"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  /// `max(0, |r| - ε)`
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S {
    S.relu(residual.magnitude - S(options.epsilon))
  }

  /// The sign of the residual outside the tube.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    // NaN is neither inside nor outside: it falls through and stays.
    let outside = S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
    return S.select(residual.magnitude <= S(options.epsilon), 0, outside)
  }

  /// 0, also at the edges.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 0 }
}
