public import LossCore

/// Multi-similarity loss: log-sum-exp of positives below and negatives above a base cosine.
///
/// A masked or zero-weighted item leaves the batch.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (labels) `[item]`; one term per item.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `beta` times as much; the
///   condition number of a term is that of its exponents.
public struct MultiSimilarityLoss: SimilarityLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Scale of the positive similarities.
    public var alpha = 2.0
    /// Scale of the negative similarities.
    public var beta = 50.0
    /// Cosine that separates positives from negatives.
    public var base = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("alpha", \.alpha, .above(0), "scale of the positive similarities"),
      .number("beta", \.beta, .above(0), "scale of the negative similarities"),
      .number("base", \.base, .finite, "cosine that separates positives from negatives"),
    ]
  }

  public static let metadata = LossMetadata(
    "multi_similarity",
    "Multi-similarity loss: log-sum-exp of positives below and negatives above a base cosine.",
    formula: """
      (1 / alpha) log(1 + Σ_p exp(-alpha (cos_ip - base)))
        + (1 / beta) log(1 + Σ_n exp(beta (cos_in - base)))
      """,
    domain: "Finite vectors, a zero vector with cosine 0; items with equal labels are positives.",
    gradient: "0 for a zero vector.",
    usage: """
      Deep metric learning and retrieval with several items per class in the batch; hard pairs \
      have the largest weight. triplet_margin needs mined triplets instead.
      """,
    related: ["circle", "triplet_margin", "supcon", "ntxent"],
    references: [
      "X. Wang et al., Multi-Similarity Loss with General Pair Weighting for Deep "
        + "Metric Learning, 2019"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }

  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let (alpha, beta, base) = (S(options.alpha), S(options.beta), S(options.base))
    let negatives = row.sumOverNegatives { beta * ($0 - base) }
    let positives = row.sumOverPositives { -alpha * ($0 - base) }
    let positiveFactor = -positives.normalizer * Double.sigmoid(positives.logarithm)
    let negativeFactor = negatives.normalizer * Double.sigmoid(negatives.logarithm)
    row.scaleGroup { _ in positiveFactor }
    row.scaleNegatives { _ in negativeFactor }
    return Double.log1pExp(positives.logarithm) / alpha.asDouble
      + Double.log1pExp(negatives.logarithm) / beta.asDouble
  }
}
