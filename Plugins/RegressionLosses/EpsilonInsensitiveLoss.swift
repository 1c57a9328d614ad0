public import LossCore

/// Epsilon-insensitive absolute error: 0 within epsilon of the target.
public struct EpsilonInsensitiveLoss: DistanceLoss {
  /// Options of the loss.
  public typealias Options = TubeOptions

  public static let metadata = LossMetadata(
    "epsilon_insensitive", "Epsilon-insensitive absolute error: 0 within epsilon of the target.",
    formula: "max(0, |prediction - target| - epsilon)",
    domain: "Every real number; NaN gives NaN.",
    gradient: "The sign of the residual outside the tube, 0 inside and at its edge.",
    usage: """
      Support vector regression, or targets known up to a tolerance. squared_epsilon_insensitive \
      has a continuous gradient.
      """,
    related: ["squared_epsilon_insensitive", "mean_absolute_error", "huber"],
    alsoKnownAs: ["svr"],
    references: [
      "V. Vapnik, The Nature of Statistical Learning Theory, 1995",
      "LossFunctions.jl, L1EpsilonInsLoss",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    S.relu(residual.magnitude - S(options.epsilon))
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    // NaN compares false with all bounds and propagates.
    let outside = S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
    return S.select(residual.magnitude <= S(options.epsilon), 0, outside)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 0 }
}
