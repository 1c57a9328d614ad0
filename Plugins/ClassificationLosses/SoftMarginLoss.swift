public import LossCore
import LossDialects

/// The logistic loss of a score and a label of -1 or +1.
///
///     log(1 + exp(- prediction · target))
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target σ(- prediction · target)`.
/// - Reference: D. R. Cox, "The Regression Analysis of Binary Sequences", 1958.
public struct SoftMarginLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "soft_margin", "The logistic loss of a score and a label of -1 or +1.",
    formula: "log(1 + exp(- prediction · target))", domain: "Every score; a target of -1 or +1.",
    references: ["D. R. Cox, The Regression Analysis of Binary Sequences, 1958"],
    dialectEntries: [
      .axon("soft_margin", terms: .sumOfFirstAxis),
      .torch("soft_margin_loss", class: "SoftMarginLoss"),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .lipschitz(1), .twiceDifferentiable]
  }

  /// `log(1 + exp(-z))`
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S { S.log1pExp(-agreement) }

  /// `-σ(-z)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -S.sigmoid(-agreement) }

  /// `σ(z) σ(-z)`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    S.sigmoid(agreement) * S.sigmoid(-agreement)
  }
}
