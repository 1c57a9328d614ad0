public import LossCore
import LossDialects

/// The squared difference of prediction and target.
///
///     (prediction - target)²
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `2 (prediction - target)`.
/// - Reference: A.-M. Legendre, "Nouvelles méthodes pour la détermination des orbites des comètes",
///   1805.
public struct MeanSquaredErrorLoss: DistanceLoss, TwiceDifferentiableDistance {
  public static let metadata = LossMetadata(
    "mean_squared_error", "The squared difference of prediction and target.",
    formula: "(prediction - target)²", domain: "Every real number.",
    references: [
      "A.-M. Legendre, Nouvelles méthodes pour la détermination des orbites des comètes, 1805"
    ],
    dialectEntries: [
      .flux("mse"),
      .axon("mean_squared_error", terms: .meanOfLastAxis),
      .torch("mse_loss", class: "MSELoss") { $0.divideByWeights() },
      .keras("mean_squared_error", "mse", "MSE", class: "MeanSquaredError", terms: .meanOfLastAxis),
      .optax("squared_error"),
      .optax("l2_loss") { $0.scale = 0.5 },
      .mlx("mse_loss", reduction: .mean),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .twiceDifferentiable]
  }

  /// The square of the residual.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S { residual * residual }

  /// Twice the residual.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { 2 * residual }

  /// 2
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 2 }
}
