public import LossCore

/// Quantile (pinball) loss, minimised by a quantile of the target.
public struct QuantileLoss: DistanceLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Quantile that the prediction estimates.
    public var level = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("level", \.level, .from(0, to: 1), "quantile that the prediction estimates")
    ]
  }

  public static let metadata = LossMetadata(
    "quantile", "Quantile (pinball) loss, minimised by a quantile of the target.",
    formula: """
      target > prediction :  level (target - prediction)
      otherwise           :  (1 - level) (prediction - target)
      """,
    domain: "Every real number; NaN gives NaN.",
    gradient: "-level below the target, 1 - level above it, and 0 where they are equal.",
    usage: """
      Prediction intervals and asymmetric costs, with one model or output per level. At level 0.5 \
      it is half of mean_absolute_error; expectile is the squared counterpart.
      """,
    related: ["multi_quantile", "expectile", "mean_absolute_error"],
    alsoKnownAs: ["pinball", "check"],
    references: [
      "R. Koenker and G. Bassett, Regression Quantiles, 1978, doi:10.2307/1913643",
      "scikit-learn, mean_pinball_loss",
      "LossFunctions.jl, QuantileLoss",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .zeroAtTarget, .lipschitz(max(options.level, 1 - options.level))]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    S.maximumPropagatingNaN(S(options.level) * -residual, S(1 - options.level) * residual)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    // NaN compares false with both and propagates.
    let above = S.select(residual > 0, S(1 - options.level), residual)
    return S.select(residual < 0, S(-options.level), above)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 0 }
}
