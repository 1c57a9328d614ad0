public import LossCore

/// The squared distance from a tube of half-width ε around the target.
///
///     max(0, |prediction - target| - ε)²
///
/// It is `L2EpsilonInsLoss` of LossFunctions.jl.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: twice the distance with the sign of the difference; continuous.
/// - Reference: V. Vapnik, "The Nature of Statistical Learning Theory", 1995.
public struct SquaredEpsilonInsensitiveLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// The tube.
  public typealias Options = TubeOptions

  public static let metadata = LossMetadata(
    "squared_epsilon_insensitive", "The squared distance from a tube around the target.",
    formula: "max(0, |prediction - target| - epsilon)²", domain: "Every real number.",
    references: ["V. Vapnik, The Nature of Statistical Learning Theory, 1995"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .symmetric, .zeroAtTarget] }

  /// `max(0, |r| - ε)²`
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S {
    let distance = S.relu(residual.magnitude - S(options.epsilon))
    return distance * distance
  }

  /// Twice the distance, with the sign of the residual.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let distance = S.relu(residual.magnitude - S(options.epsilon))
    return S.select(residual < 0, -2 * distance, 2 * distance)
  }

  /// 2 outside the tube, 0 inside and at its edge.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    S.select(residual.magnitude > S(options.epsilon), 2, 0)
  }
}
