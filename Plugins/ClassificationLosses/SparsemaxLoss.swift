public import LossCore
import LossDialects

/// The loss of sparse probabilities: exactly 0 where the true score exceeds the others by 1.
///
///     ½ ((Σ over j ≠ y of p[j])² + Σ over j ≠ y of p[j]²) + max(0, τ - s[y])
///
/// with `p[j] = max(0, s[j] - τ)`, the point of the simplex nearest to the scores, for which τ makes
/// `Σ p = 1`. This is `Σ p (s - s[y]) + ½ (1 - Σ p²)`, with nothing that cancels.
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices; one term a row.
/// - Domain: every finite score; NaN gives NaN.
/// - Gradient: `p`, less 1 for the true class; continuous.
/// - Reference: A. F. T. Martins and R. F. Astudillo, "From Softmax to Sparsemax", 2016,
///   arXiv:1602.02068. τ is found without sorting, as by C. Michelot, "A Finite Algorithm for Finding
///   the Projection of a Point onto the Canonical Simplex", 1986.
public struct SparsemaxLoss: RowwiseLoss {
  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "sparsemax", "The loss of sparse probabilities: 0 where the true score leads by 1.",
    formula: "Σ p (s - s[y]) + (1 - Σ p²) / 2,  p the point of the simplex nearest to the scores",
    domain: "Every finite score.",
    references: ["A. F. T. Martins and R. F. Astudillo, From Softmax to Sparsemax, 2016"],
    spellings: [
      .optax(
        "multiclass_sparsemax_loss",
        arguments: [SpelledArgument(.prediction, "scores"), .optaxTarget])
    ])

  /// Nothing can be set.
  public let options: NoOptions
  /// The loss.
  @inlinable public init(options: NoOptions) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.convex, .nonNegative, .lipschitz(2.0.squareRoot())] }
  /// Scores with a class axis and the true class.
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }

  /// The term of one row; its gradient if wanted.
  @inlinable
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0], let index = row.classIndex(1) else { return 0 }
    let top = RowMath.maximum(scores, count: row.count).value
    let threshold = Self.threshold(scores, count: row.count, below: top)
    let (others, squares) = RowMath.sums(count: row.count) { j in
      let p = S.select(j == index, 0, S.positivePart((scores[j] - top) - threshold))
      return (p, p * p)
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        gradient[j] = row.coefficient * S.positivePart((scores[j] - top) - threshold)
      }
      // p - 1 would cancel where p is near 1; it is what the other classes have.
      gradient[index] = -row.coefficient * S(others.value)
    }
    let spread = (others.value * others.value + squares.value) / 2
    return S(spread) + S.positivePart(threshold - (scores[index] - top))
  }

  /// τ, less the largest score: the classes below it are dropped, and it rises, until none is.
  @inlinable
  static func threshold<S: LossScalar>(
    _ scores: UnsafePointer<S>, count: Int, below top: S
  ) -> S {
    var threshold: S = -1
    var kept = count + 1
    while true {
      let (sum, size) = RowMath.sums(count: count) { j in
        let score = scores[j] - top
        let isKept = score > threshold
        return (S.select(isKept, score, 0), S.select(isKept, 1, 0))
      }
      // The largest score is 0 here and always stays, unless it is no number.
      guard size.value >= 1, Int(size.value) < kept else { break }
      kept = Int(size.value)
      threshold = S((sum.value - 1) / size.value)
    }
    return top.isNaN ? top : threshold
  }
}
