public import LossCore
import LossDialects

/// How far a score lies on the wrong side of zero.
///
///     max(0, - prediction · target)
///
/// It is `PerceptronLoss` of LossFunctions.jl.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target` on the wrong side and at zero, where the perceptron learns too; 0 on the right
///   side.
/// - Reference: F. Rosenblatt, "The Perceptron: A Probabilistic Model for Information Storage and
///   Organization in the Brain", 1958, doi:10.1037/h0042519.
public struct PerceptronLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "perceptron", "How far a score lies on the wrong side of zero.",
    formula: "max(0, - prediction · target)",
    domain: "Every score; a target of -1 or +1. At a score of 0 the slope is - target.",
    references: ["F. Rosenblatt, The Perceptron, 1958"],
    dialectEntries: [
      .optax("perceptron_loss")
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  /// `max(0, -z)`
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S { S.relu(-agreement) }

  /// -1 on the wrong side of zero and at zero, 0 on the right one.
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    S.select(agreement > 0, 0, S.select(agreement <= 0, -1, agreement))
  }

  /// 0, also at the kink.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { 0 }
}
