public import LossCore
import LossDialects

/// How far a score falls short of a margin of 1 on the side of its label.
///
///     max(0, 1 - prediction · target)
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target` inside the margin, 0 outside and at its edge.
/// - Reference: C. Cortes and V. Vapnik, "Support-Vector Networks", 1995.
public struct HingeLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "hinge", "How far a score falls short of a margin of 1 on the side of its label.",
    formula: "max(0, 1 - prediction · target)", domain: "Every score; a target of -1 or +1.",
    references: ["C. Cortes and V. Vapnik, Support-Vector Networks, 1995"],
    dialectEntries: [
      .flux("hinge_loss", "hinge"),
      .axon("hinge", terms: .meanOfLastAxis),
      .keras(
        "hinge", class: "Hinge", terms: .meanOfLastAxis,
        arguments: [.kerasSigns, .kerasPrediction]),
      .optax("hinge_loss"),
      .mlx("hinge_loss"),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  /// `max(0, 1 - z)`
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S { S.relu(1 - agreement) }

  /// -1 inside the margin, 0 outside and at its edge.
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    let margin = 1 - agreement
    return S.select(margin <= 0, 0, S.select(margin > 0, -1, margin))
  }

  /// 0, also at the edge of the margin.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { 0 }
}
