public import LossCore

/// A smooth count of mistakes, from 0 to 2.
///
///     1 - tanh(prediction · target)
///
/// It is `SigmoidLoss` of LossFunctions.jl. It is not convex.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target / cosh²(prediction · target)`.
/// - Reference: L. Mason et al., "Boosting Algorithms as Gradient Descent", 1999.
public struct SigmoidMarginLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "sigmoid_margin", "A smooth count of mistakes, from 0 to 2.",
    formula: "1 - tanh(prediction · target)", domain: "Every score; a target of -1 or +1.",
    references: ["L. Mason et al., Boosting Algorithms as Gradient Descent, 1999"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.range(0...2), .lipschitz(1), .twiceDifferentiable] }

  /// `1 - tanh(z)`, which is `2 σ(-2 z)` and does not cancel.
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S { 2 * S.sigmoid(-2 * agreement) }

  /// `-1 / cosh²(z)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    -4 * S.sigmoid(2 * agreement) * S.sigmoid(-2 * agreement)
  }

  /// `2 tanh(z) / cosh²(z)`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    8 * S.tanh(agreement) * S.sigmoid(2 * agreement) * S.sigmoid(-2 * agreement)
  }
}
