public import LossCore

/// The pinball loss, whose mean is least where the prediction is a quantile of the target.
///
///     target > prediction :  level (target - prediction)
///     otherwise           :  (1 - level) (prediction - target)
///
/// It is `QuantileLoss` of LossFunctions.jl, and scikit-learn's `mean_pinball_loss`.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `-level` below the target, `1 - level` above it, 0 where they are equal.
/// - Reference: R. Koenker and G. Bassett, "Regression Quantiles", Econometrica 46 (1978),
///   doi:10.2307/1913643.
public struct QuantileLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// Which quantile.
  public struct Options: LossOptions {
    /// Which quantile the prediction is drawn to.
    public var level = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("level", \.level, .from(0, to: 1), "which quantile the prediction is drawn to")
    ]
  }

  public static let metadata = LossMetadata(
    "quantile", "The pinball loss, whose mean is least where the prediction is a quantile.",
    formula: """
      target > prediction :  level (target - prediction)
      otherwise           :  (1 - level) (prediction - target)
      """,
    domain: "Every real number. The gradient is 0 where prediction and target are equal.",
    references: ["R. Koenker and G. Bassett, Regression Quantiles, 1978"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .zeroAtTarget, .lipschitz(max(options.level, 1 - options.level))]
  }

  /// The larger of the two branches.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S {
    S.maximumPropagatingNaN(S(options.level) * -residual, S(1 - options.level) * residual)
  }

  /// The slope of the branch that holds.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    // NaN is neither above nor below zero: it falls through and stays.
    let above = S.select(residual > 0, S(1 - options.level), residual)
    return S.select(residual < 0, S(-options.level), above)
  }

  /// 0, also at the kink.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 0 }
}
