public import LossCore

/// Exponential loss of AdaBoost: exp(−t·p).
///
/// `ExpLoss` of LossFunctions.jl.
public struct ExponentialLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "exponential", "Exponential loss of AdaBoost: exp(−t·p).",
    formula: "exp(- prediction · target)",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Boosting. Outliers and mislabelled examples dominate it, \
      since it grows exponentially; soft_margin grows linearly.
      """,
    related: ["soft_margin", "hinge", "squared_hinge"], alsoKnownAs: ["exp_loss", "adaboost"],
    references: [
      """
      Y. Freund and R. E. Schapire, A Decision-Theoretic Generalization of On-Line \
      Learning and an Application to Boosting, 1997, doi:10.1006/jcss.1997.1504
      """
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S { S.exp(-agreement) }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -S.exp(-agreement) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { S.exp(-agreement) }
}
