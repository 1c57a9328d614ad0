public import LossCore
import LossDialects

/// Logistic loss of a score and a label of −1 or +1.
///
/// `LogitMarginLoss` of LossFunctions.jl.
public struct SoftMarginLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "soft_margin", "Logistic loss of a score and a label of −1 or +1.",
    formula: "log(1 + exp(- prediction · target))",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Binary classification with labels of -1 and +1; the scores are logits. The \
      same as binary_cross_entropy of labels 0 and 1, and smooth where hinge is not.
      """,
    related: ["binary_cross_entropy", "hinge", "exponential"],
    alsoKnownAs: ["logistic", "logistic_loss", "logit_margin"],
    references: ["D. R. Cox, The Regression Analysis of Binary Sequences, 1958"],
    dialectEntries: [
      .axon("soft_margin", terms: .sumOfFirstAxis),
      .torch("soft_margin_loss", class: "SoftMarginLoss"),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .lipschitz(1), .twiceDifferentiable]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S { S.log1pExp(-agreement) }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -S.sigmoid(-agreement) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    S.sigmoid(agreement) * S.sigmoid(-agreement)
  }
}
