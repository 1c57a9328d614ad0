public import LossCore

/// Negative log-likelihood of a logistic distribution of the residual, with minimum 0.
public struct LogitDistanceLoss: DistanceLoss {
  public static let metadata = LossMetadata(
    "logit_distance",
    "Negative log-likelihood of a logistic distribution of the residual, with minimum 0.",
    formula: "2 log cosh((prediction - target) / 2)",
    domain: """
      Every real number; NaN gives NaN. Residuals near 0 lose no digits and large ones do not \
      overflow.
      """,
    usage: """
      Robust regression with logistic errors. It is log_cosh of half the residual, times 2, so its \
      slope reaches 1 later.
      """,
    related: ["log_cosh", "huber"],
    references: ["LossFunctions.jl, LogitDistLoss"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [
      .convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1), .twiceDifferentiable,
    ]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S { 2 * S.logCosh(residual / 2) }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { S.tanh(residual / 2) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    // 1 - tanh² would cancel for large residuals.
    let e = S.exp(-residual.magnitude)
    return 2 * e / ((1 + e) * (1 + e))
  }
}
