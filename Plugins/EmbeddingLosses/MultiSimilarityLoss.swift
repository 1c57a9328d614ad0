public import LossCore

/// Draws matches above a cosine and strangers below it, the hardest of each the most.
///
///     (1 / alpha) log(1 + Σ_p exp(-alpha (cos_ip - base)))
///       + (1 / beta) log(1 + Σ_n exp(beta (cos_in - base)))
///
/// over the matches `p` of the item `i`, which have its label, and the strangers `n`, which have not.
///
/// - Shape: prediction (the vectors) `[item, feature]`, target (the labels) `[item]`, whole numbers
///   that are the same for a match; one term an item.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0 to all. A
///   removed item is not in the batch at all, also one with a weight of 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `beta` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula; 0 for a zero vector.
/// - Reference: X. Wang et al., "Multi-Similarity Loss with General Pair Weighting for Deep Metric
///   Learning", 2019.
public struct MultiSimilarityLoss: SimilarityLoss {
  /// The steepnesses and the base.
  public struct Options: LossOptions {
    /// How steep the loss of matches is.
    public var alpha = 2.0
    /// How steep the loss of strangers is.
    public var beta = 50.0
    /// The cosine between matches and strangers.
    public var base = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("alpha", \.alpha, .above(0), "how steep the loss of positives is"),
      .number("beta", \.beta, .above(0), "how steep the loss of strangers is"),
      .number("base", \.base, .finite, "the cosine between positives and strangers"),
    ]
  }

  public static let metadata = LossMetadata(
    "multi_similarity", "Draws positives above a cosine and strangers below it.",
    formula: """
      (1 / alpha) log(1 + Σ_p exp(-alpha (cos_ip - base)))
        + (1 / beta) log(1 + Σ_n exp(beta (cos_in - base)))
      """,
    domain: "Every finite vector; labels that are the same for a match.",
    references: ["X. Wang et al., Multi-Similarity Loss with General Pair Weighting, 2019"])

  public let options: Options
  public init(options: Options) { self.options = options }

  /// The loss of the matches and of the strangers of one item.
  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let (alpha, beta, base) = (S(options.alpha), S(options.beta), S(options.base))
    let negatives = row.sumOverNegatives { beta * ($0 - base) }
    let positives = row.sumOverPositives { -alpha * ($0 - base) }
    let near = -positives.unit * Double.sigmoid(positives.logarithm)
    let far = negatives.unit * Double.sigmoid(negatives.logarithm)
    row.scaleGroup { _ in near }
    row.scaleNegatives { _ in far }
    return Double.log1pExp(positives.logarithm) / alpha.asDouble
      + Double.log1pExp(negatives.logarithm) / beta.asDouble
  }
}
