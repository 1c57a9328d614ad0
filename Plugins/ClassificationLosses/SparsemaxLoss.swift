public import LossCore
import LossDialects

/// Sparsemax loss: multiclass Fenchel-Young loss with sparse probabilities.
///
/// `fenchel_young` with an `alpha` of 2, computed in a form in which nothing cancels.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices.
public struct SparsemaxLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "sparsemax", "Sparsemax loss: multiclass Fenchel-Young loss with sparse probabilities.",
    formula: """
      Σ p (s - s[y]) + (1 - Σ p²) / 2    with s = prediction, y = target
      p = sparsemax(s)
      """,
    domain: """
      Every finite score; NaN gives NaN. sparsemax(s) is the point of the probability \
      simplex nearest to the scores; the loss is 0 where the true score leads by 1.
      """,
    usage: """
      Classification with probabilities of exactly 0 and no gradient once the true class leads \
      by 1. fenchel_young lies between this and softmax; cross_entropy is the dense default.
      """,
    related: ["fenchel_young", "binary_sparsemax", "cross_entropy", "multi_margin"],
    references: [
      "A. F. T. Martins and R. F. Astudillo, From Softmax to Sparsemax, 2016, arXiv:1602.02068",
      """
      C. Michelot, A Finite Algorithm for Finding the \
      Projection of a Point onto the Canonical Simplex, 1986
      """,
    ],
    dialectEntries: [
      .optax(
        "multiclass_sparsemax_loss",
        arguments: [DialectArgument(.prediction, "scores"), .optaxTarget])
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(2.0.squareRoot())] }
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }

  public func workspaceCount(length: Int) -> Int { length }

  public func term<S: LossScalar>(_ row: Row<S>) -> S { Entmax.loss(LinearCurve(), row) }
}
