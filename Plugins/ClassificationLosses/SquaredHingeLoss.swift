public import LossCore
import LossDialects

/// Squared hinge: max(0, 1 − t·p)².
public struct SquaredHingeLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "squared_hinge", "Squared hinge: max(0, 1 − t·p)².",
    formula: "max(0, 1 - prediction · target)²",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Smooth maximum-margin classification, as in L2-SVMs. It penalises large violations \
      more than hinge and is more sensitive to outliers; modified_huber limits that.
      """,
    related: ["hinge", "modified_huber", "smoothed_hinge", "l2_margin"],
    alsoKnownAs: ["l2_hinge", "l2_svm"],
    references: ["Y. Tang, Deep Learning using Linear Support Vector Machines, 2013"],
    dialectEntries: [
      .flux("squared_hinge_loss", "squared_hinge"),
      .keras(
        "squared_hinge", class: "SquaredHinge", terms: .meanOfLastAxis,
        arguments: [.kerasSigns, .kerasPrediction]),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    let violation = S.relu(1 - agreement)
    return violation * violation
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -2 * S.relu(1 - agreement) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    S.select(1 - agreement > 0, 2, 0)
  }
}
