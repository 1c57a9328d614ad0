public import LossCore
import LossDialects

/// Absolute error between prediction and target (L1 loss).
public struct MeanAbsoluteErrorLoss: DistanceLoss {
  public static let metadata = LossMetadata(
    "mean_absolute_error", "Absolute error between prediction and target (L1 loss).",
    formula: "|prediction - target|",
    domain: "Every real number; NaN gives NaN.",
    gradient: """
      The sign of prediction - target; 0 where they are equal, the midpoint of the subgradients.
      """,
    usage: """
      Robust regression: its minimiser is the conditional median. Use mean_squared_error for the \
      conditional mean, and huber or smooth_l1 for a gradient that vanishes near the target.
      """,
    related: ["mean_squared_error", "huber", "smooth_l1", "quantile"],
    alsoKnownAs: ["l1", "lad"],
    references: ["P. S. Laplace, Mémoire sur la probabilité des causes par les événements, 1774"],
    dialectEntries: [
      .flux("mae"),
      .axon("mean_absolute_error", terms: .meanOfLastAxis),
      .torch("l1_loss", class: "L1Loss", options: [.input("weight")]) { $0.divideByWeights() }
        .naming(DialectArgument(.weight, "weight")),
      .keras(
        "mean_absolute_error", "mae", "MAE", class: "MeanAbsoluteError", terms: .meanOfLastAxis),
      .mlx("l1_loss", reduction: .mean),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S { residual.magnitude }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    // NaN compares false with both and propagates.
    S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 0 }
}
