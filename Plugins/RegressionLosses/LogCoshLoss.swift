public import LossCore
import LossDialects

/// Logarithm of the hyperbolic cosine of the residual: a smooth robust loss.
public struct LogCoshLoss: DistanceLoss {
  public static let metadata = LossMetadata(
    "log_cosh", "Logarithm of the hyperbolic cosine of the residual: a smooth robust loss.",
    formula: "log cosh(prediction - target)",
    domain: """
      Every real number; NaN gives NaN. Residuals near 0 lose no digits and large ones do not \
      overflow.
      """,
    usage: """
      Robust regression with a continuous second derivative, for gradient boosting: squared near \
      the target, absolute far from it. huber has an adjustable threshold instead.
      """,
    related: ["huber", "smooth_l1", "logit_distance", "mean_squared_error"],
    alsoKnownAs: ["logcosh"],
    references: [
      "P. J. Green, Bayesian Reconstructions from Emission Tomography Data Using a "
        + "Modified EM Algorithm, 1990, doi:10.1109/42.52985"
    ],
    dialectEntries: [
      .axon("log_cosh", terms: .meanOfLastAxis),
      .keras("log_cosh", class: "LogCosh", terms: .meanOfLastAxis),
      .optax("log_cosh").withZeroTarget,
      .mlx("log_cosh_loss"),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [
      .convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1), .twiceDifferentiable,
    ]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S { S.logCosh(residual) }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { S.tanh(residual) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    // 1 - tanh² would cancel for large residuals.
    let e = S.exp(-2 * residual.magnitude)
    return 4 * e / ((1 + e) * (1 + e))
  }
}
