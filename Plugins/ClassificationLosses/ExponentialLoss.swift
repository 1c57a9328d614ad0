public import LossCore

/// The loss of AdaBoost: a wrong side costs exponentially.
///
///     exp(- prediction · target)
///
/// It is `ExpLoss` of LossFunctions.jl.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target exp(- prediction · target)`.
/// - Reference: Y. Freund and R. E. Schapire, "A Decision-Theoretic Generalization of On-Line Learning and
///   an Application to Boosting", 1997, doi:10.1006/jcss.1997.1504.
public struct ExponentialLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "exponential", "The loss of AdaBoost: a wrong side costs exponentially.",
    formula: "exp(- prediction · target)", domain: "Every score; a target of -1 or +1.",
    references: [
      "Y. Freund and R. E. Schapire, A Decision-Theoretic Generalization of On-Line Learning, 1997"
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// `exp(-z)`
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S { S.exp(-agreement) }

  /// `-exp(-z)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -S.exp(-agreement) }

  /// `exp(-z)`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { S.exp(-agreement) }
}
