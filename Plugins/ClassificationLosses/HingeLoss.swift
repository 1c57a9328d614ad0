public import LossCore
import LossDialects

/// Margin violation of a score: max(0, 1 − t·p).
public struct HingeLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "hinge", "Margin violation of a score: max(0, 1 − t·p).",
    formula: "max(0, 1 - prediction · target)",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    gradient: "0 at the edge of the margin, prediction · target = 1.",
    usage: """
      Maximum-margin binary classifiers (linear SVMs): examples beyond the margin get \
      no gradient. Use soft_margin for probabilities, squared_hinge for a smooth loss.
      """,
    related: ["squared_hinge", "smoothed_hinge", "soft_margin", "categorical_hinge"],
    alsoKnownAs: ["l1_hinge", "svm"],
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

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S { S.relu(1 - agreement) }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    let violation = 1 - agreement
    return S.select(violation <= 0, 0, S.select(violation > 0, -1, violation))
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { 0 }
}
