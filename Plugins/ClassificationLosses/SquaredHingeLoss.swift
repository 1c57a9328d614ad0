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
public struct SquaredHingeLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "squared_hinge", "The square of how far a score falls short of a margin of 1.",
    formula: "max(0, 1 - prediction · target)²", domain: "Every score; a target of -1 or +1.",
    references: ["Y. Tang, Deep Learning using Linear Support Vector Machines, 2013"],
    dialectEntries: [
      .flux("squared_hinge_loss", "squared_hinge"),
      .keras(
        "squared_hinge", class: "SquaredHinge", terms: .meanOfLastAxis,
        arguments: [.kerasSigns, .kerasPrediction]),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative] }

  /// `max(0, 1 - z)²`
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S {
    let margin = S.relu(1 - agreement)
    return margin * margin
  }

  /// `-2 max(0, 1 - z)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -2 * S.relu(1 - agreement) }

  /// 2 inside the margin, 0 outside and at its edge.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    S.select(1 - agreement > 0, 2, 0)
  }
}
