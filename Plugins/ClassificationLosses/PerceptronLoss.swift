public import LossCore
import LossDialects

/// Perceptron loss of a score: max(0, −t·p).
///
/// `PerceptronLoss` of LossFunctions.jl.
public struct PerceptronLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "perceptron", "Perceptron loss of a score: max(0, −t·p).",
    formula: "max(0, - prediction · target)",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    gradient: "-target at a score of 0, so that a perceptron that starts there learns.",
    usage: """
      Online learning by the perceptron rule: only misclassified examples change \
      the weights. hinge asks for a margin as well and generalises better.
      """,
    related: ["hinge", "multiclass_perceptron", "zero_one"],
    references: [
      """
      F. Rosenblatt, The Perceptron: A Probabilistic Model for Information \
      Storage and Organization in the Brain, 1958, doi:10.1037/h0042519
      """
    ],
    dialectEntries: [
      .optax("perceptron_loss")
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S { S.relu(-agreement) }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    S.select(agreement > 0, 0, S.select(agreement <= 0, -1, agreement))
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { 0 }
}
