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
public struct ExponentialLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The name and the formula.
  public static let card = LossCard(
    "exponential", "The loss of AdaBoost: a wrong side costs exponentially.",
    formula: "exp(- prediction · target)", domain: "Every score; a target of -1 or +1.",
    references: [
      "Y. Freund and R. E. Schapire, A Decision-Theoretic Generalization of On-Line Learning, 1997"
    ])

  /// Nothing can be set.
  public let options: NoOptions
  /// The loss.
  @inlinable public init(options: NoOptions) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.convex, .nonNegative, .twiceDifferentiable] }
  /// A score and a label.
  @inlinable public var signature: LossSignature { .elementwiseLabels }

  /// `exp(- prediction · target)`
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.exp(-prediction * target)
  }

  /// The derivative with respect to the score.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    (-target * S.exp(-prediction * target), 0)
  }

  /// `target² exp(- prediction · target)`
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    target * target * S.exp(-prediction * target)
  }
}
