public import LossCore
import LossDialects

/// The square of how far a score falls short of a margin of 1.
///
///     max(0, 1 - prediction · target)²
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `-2 target max(0, 1 - prediction · target)`.
/// - Reference: Y. Tang, "Deep Learning using Linear Support Vector Machines", 2013.
public struct SquaredHingeLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "squared_hinge", "The square of how far a score falls short of a margin of 1.",
    formula: "max(0, 1 - prediction · target)²", domain: "Every score; a target of -1 or +1.",
    references: ["Y. Tang, Deep Learning using Linear Support Vector Machines, 2013"],
    spellings: [
      .flux("squared_hinge_loss", "squared_hinge"),
      .keras(
        "squared_hinge", class: "SquaredHinge", terms: .meanOfLastAxis,
        arguments: [.kerasSigns, .kerasPrediction]),
    ])

  /// Nothing can be set.
  public let options: NoOptions
  /// The loss.
  @inlinable public init(options: NoOptions) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.convex, .nonNegative] }
  /// A score and a label.
  @inlinable public var signature: LossSignature { .elementwiseLabels }

  /// `max(0, 1 - prediction · target)²`
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let margin = S.positivePart(1 - prediction * target)
    return margin * margin
  }

  /// The derivative with respect to the score.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    (-2 * target * S.positivePart(1 - prediction * target), 0)
  }

  /// `2 target²` inside the margin, 0 outside and at its edge.
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.select(1 - prediction * target > 0, 2 * target * target, 0)
  }
}
