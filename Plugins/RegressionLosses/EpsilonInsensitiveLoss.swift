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
public struct EpsilonInsensitiveLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The tube.
  public typealias Options = TubeOptions

  /// The name and the formula.
  public static let card = LossCard(
    "epsilon_insensitive", "The distance from a tube around the target.",
    formula: "max(0, |prediction - target| - epsilon)",
    domain: "Every real number. The gradient is 0 inside the tube and at its edge.",
    references: ["V. Vapnik, The Nature of Statistical Learning Theory, 1995"])

  /// The tube.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }
  /// The loss outside a tube of this half-width.
  public init(epsilon: Double) { self.init(options: Options(epsilon: epsilon)) }

  /// `max(0, |r| - ε)`
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.positivePart((prediction - target).magnitude - S(options.epsilon))
  }

  /// The sign of the residual outside the tube.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let residual = prediction - target
    let epsilon = S(options.epsilon)
    let isInside = residual.magnitude <= epsilon
    // NaN is neither inside nor outside: it falls through and stays.
    let outside = S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
    let slope = S.select(isInside, 0, outside)
    return (slope, -slope)
  }

  /// 0, also at the edges.
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S { 0 }
}
