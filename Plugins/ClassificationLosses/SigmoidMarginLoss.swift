public import LossCore

/// Sigmoid loss 1 − tanh(t·p): smooth, bounded surrogate of the zero-one loss.
///
/// `SigmoidLoss` of LossFunctions.jl. It is not convex.
public struct SigmoidMarginLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "sigmoid_margin", "Sigmoid loss 1 − tanh(t·p): smooth, bounded surrogate of the zero-one loss.",
    formula: "1 - tanh(prediction · target)",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Binary classification with noisy labels: it is bounded by 2, so that outliers cannot \
      dominate. Its gradient vanishes for gross errors; start from soft_margin, which is convex.
      """,
    related: ["zero_one", "soft_margin", "exponential"], alsoKnownAs: ["sigmoid_loss"],
    references: ["L. Mason et al., Boosting Algorithms as Gradient Descent, 1999"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.range(0...2), .lipschitz(1), .twiceDifferentiable] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    // 1 - tanh(z), which would cancel.
    2 * S.sigmoid(-2 * agreement)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    -4 * S.sigmoid(2 * agreement) * S.sigmoid(-2 * agreement)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    8 * S.tanh(agreement) * S.sigmoid(2 * agreement) * S.sigmoid(-2 * agreement)
  }
}
