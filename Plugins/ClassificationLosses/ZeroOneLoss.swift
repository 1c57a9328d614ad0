public import LossCore

/// Zero-one loss: 1 for a misclassified score, else 0.
///
/// `ZeroOneLoss` of LossFunctions.jl.
public struct ZeroOneLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "zero_one", "Zero-one loss: 1 for a misclassified score, else 0.",
    formula: "0 if prediction · target > 0, otherwise 1",
    domain: """
      Every real number; a target of -1 or +1. A score of 0 is misclassified; NaN gives NaN.
      """,
    gradient: "None: the derivative is 0 wherever it exists.",
    usage: """
      Reporting the error rate, which is its mean. To train, \
      use a convex surrogate such as hinge or soft_margin.
      """,
    related: ["hinge", "soft_margin", "sigmoid_margin"],
    alsoKnownAs: ["error_rate", "misclassification"],
    references: ["V. Vapnik, The Nature of Statistical Learning Theory, 1995"])
  private static let labels = LossSignature(
    .labels(.prediction, "...", .any), .labels(.target, "..."), terms: "...")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.range(0...1)] }
  public var signature: LossSignature { Self.labels }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    S.select(agreement > 0, 0, S.select(agreement <= 0, 1, agreement))
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { 0 }
}
