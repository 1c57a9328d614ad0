public import LossCore
import LossDialects

/// Squared error between prediction and target (L2 loss).
public struct MeanSquaredErrorLoss: DistanceLoss {
  public static let metadata = LossMetadata(
    "mean_squared_error", "Squared error between prediction and target (L2 loss).",
    formula: "(prediction - target)²",
    domain: "Every real number; NaN gives NaN.",
    usage: """
      The default for regression with roughly Gaussian errors: its minimiser is the conditional \
      mean. With outliers prefer huber, log_cosh or mean_absolute_error.
      """,
    related: ["mean_absolute_error", "huber", "root_mean_squared_error", "gaussian_nll"],
    alsoKnownAs: ["l2", "quadratic"],
    references: [
      "A.-M. Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805"
    ],
    dialectEntries: [
      .flux("mse"),
      .axon("mean_squared_error", terms: .meanOfLastAxis),
      .torch("mse_loss", class: "MSELoss", options: [.input("weight")]) { $0.divideByWeights() }
        .naming(DialectArgument(.weight, "weight")),
      .keras("mean_squared_error", "mse", "MSE", class: "MeanSquaredError", terms: .meanOfLastAxis),
      .optax("squared_error").withZeroTarget,
      .optax("l2_loss") { $0.scale = 0.5 }.withZeroTarget,
      .mlx("mse_loss", reduction: .mean),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .twiceDifferentiable]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S { residual * residual }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { 2 * residual }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 2 }
}
