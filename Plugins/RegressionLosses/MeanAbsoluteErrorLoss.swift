public import LossCore
import LossDialects

/// The distance between prediction and target.
///
///     |prediction - target|
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: the sign of the difference; 0 where they are equal, the middle of the subgradients.
/// - Reference: P. S. Laplace, "Mémoire sur la probabilité des causes par les événements", 1774.
public struct MeanAbsoluteErrorLoss: DistanceLoss, TwiceDifferentiableDistance {
  public static let metadata = LossMetadata(
    "mean_absolute_error", "The distance between prediction and target.",
    formula: "|prediction - target|",
    domain: "Every real number. The gradient is 0 where prediction and target are equal.",
    references: ["P. S. Laplace, Mémoire sur la probabilité des causes par les événements, 1774"],
    dialectEntries: [
      .flux("mae"),
      .axon("mean_absolute_error", terms: .meanOfLastAxis),
      .torch("l1_loss", class: "L1Loss") { $0.divideByWeights() },
      .keras(
        "mean_absolute_error", "mae", "MAE", class: "MeanAbsoluteError", terms: .meanOfLastAxis),
      .mlx("l1_loss", reduction: .mean),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  /// The distance.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S { residual.magnitude }

  /// The sign of the residual.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    // NaN is neither above nor below zero: it falls through and stays.
    S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
  }

  /// 0, also at the kink.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 0 }
}
