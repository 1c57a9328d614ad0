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
public struct SigmoidMarginLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The name and the formula.
  public static let card = LossCard(
    "sigmoid_margin", "A smooth count of mistakes, from 0 to 2.",
    formula: "1 - tanh(prediction · target)", domain: "Every score; a target of -1 or +1.",
    references: ["L. Mason et al., Boosting Algorithms as Gradient Descent, 1999"])

  /// Nothing can be set.
  public let options: NoOptions
  /// The loss.
  @inlinable public init(options: NoOptions) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.range(0...2), .lipschitz(1), .twiceDifferentiable] }
  /// A score and a label.
  @inlinable public var signature: LossSignature { .elementwiseLabels }

  /// `1 - tanh(z)`, which is `2 σ(-2 z)` and does not cancel.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    2 * S.sigmoid(-2 * prediction * target)
  }

  /// The derivative with respect to the score.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let z = 2 * prediction * target
    return (-4 * target * S.sigmoid(z) * S.sigmoid(-z), 0)
  }

  /// `2 target² tanh(z) / cosh²(z)`
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let z = prediction * target
    return 8 * target * target * S.tanh(z) * S.sigmoid(2 * z) * S.sigmoid(-2 * z)
  }
}
