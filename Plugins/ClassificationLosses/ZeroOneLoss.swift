public import LossCore

/// Whether a score lies on the wrong side of zero: what a classifier is judged by.
///
///     prediction · target > 0  :  0
///     otherwise                :  1
///
/// It is `ZeroOneLoss` of LossFunctions.jl. Its mean is the share of mistakes.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN. A score of 0 is a mistake.
/// - Gradient: none. The slope is 0 wherever there is one, which trains nothing.
/// - Reference: V. Vapnik, "The Nature of Statistical Learning Theory", 1995.
public struct ZeroOneLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "zero_one", "Whether a score lies on the wrong side of zero.",
    formula: "0 if prediction · target > 0, otherwise 1",
    domain: "Every score; a target of -1 or +1. There is no gradient.",
    references: ["V. Vapnik, The Nature of Statistical Learning Theory, 1995"])
  private static let labels = LossSignature(
    .labels(.prediction, "...", .any), .labels(.target, "..."), terms: "...")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.range(0...1)] }
  /// A score and a label, without a gradient.
  public var signature: LossSignature { Self.labels }

  /// 1 for a mistake.
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S {
    S.select(agreement > 0, 0, S.select(agreement <= 0, 1, agreement))
  }

  /// Nothing asks for it.
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { 0 }
}
