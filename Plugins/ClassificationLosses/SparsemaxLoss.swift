public import LossCore
import LossDialects

/// The loss of sparse probabilities: exactly 0 where the true score exceeds the others by 1.
///
///     ½ ((Σ over j ≠ y of p[j])² + Σ over j ≠ y of p[j]²) + max(0, τ - s[y])
///
/// with `p[j] = max(0, s[j] - τ)`, the point of the simplex nearest to the scores, for which τ makes
/// `Σ p = 1`. This is `Σ p (s - s[y]) + ½ (1 - Σ p²)`, with nothing that cancels, and `fenchel_young`
/// with an α of 2.
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices; one term a row.
/// - Domain: every finite score; NaN gives NaN.
/// - Gradient: `p`, less 1 for the true class; continuous.
/// - Reference: A. F. T. Martins and R. F. Astudillo, "From Softmax to Sparsemax", 2016,
///   arXiv:1602.02068. τ is found without sorting, as by C. Michelot, "A Finite Algorithm for Finding
///   the Projection of a Point onto the Canonical Simplex", 1986.
public struct SparsemaxLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "sparsemax", "The loss of sparse probabilities: 0 where the true score leads by 1.",
    formula: "Σ p (s - s[y]) + (1 - Σ p²) / 2,  p the point of the simplex nearest to the scores",
    domain: "Every finite score.",
    references: ["A. F. T. Martins and R. F. Astudillo, From Softmax to Sparsemax, 2016"],
    dialectEntries: [
      .optax(
        "multiclass_sparsemax_loss",
        arguments: [DialectArgument(.prediction, "scores"), .optaxTarget])
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(2.0.squareRoot())] }
  /// Scores with a class axis and the true class.
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }

  /// A number a class, for the shares.
  public func workspaceCount(length: Int) -> Int { length }

  /// The term of one row; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S { Entmax.loss(LinearCurve(), row) }
}
