public import LossCore

/// Epsilon-insensitive squared error: 0 within epsilon of the target.
public struct SquaredEpsilonInsensitiveLoss: DistanceLoss {
  /// Options of the loss.
  public typealias Options = TubeOptions

  public static let metadata = LossMetadata(
    "squared_epsilon_insensitive",
    "Epsilon-insensitive squared error: 0 within epsilon of the target.",
    formula: "max(0, |prediction - target| - epsilon)²",
    domain: "Every real number; NaN gives NaN.",
    gradient: "Continuous. The second derivative at the edge of the tube is 0.",
    usage: """
      Support vector regression with a continuous gradient. epsilon_insensitive weighs large \
      errors less.
      """,
    related: ["epsilon_insensitive", "mean_squared_error", "huber"],
    references: [
      "V. Vapnik, The Nature of Statistical Learning Theory, 1995",
      "LossFunctions.jl, L2EpsilonInsLoss",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .symmetric, .zeroAtTarget] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    let distance = S.relu(residual.magnitude - S(options.epsilon))
    return distance * distance
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let distance = S.relu(residual.magnitude - S(options.epsilon))
    return S.select(residual < 0, -2 * distance, 2 * distance)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    S.select(residual.magnitude > S(options.epsilon), 2, 0)
  }
}
