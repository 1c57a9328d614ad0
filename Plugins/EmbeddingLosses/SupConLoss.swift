public import LossCore

/// Supervised contrastive loss over all positives of an anchor.
///
/// An item without a positive has term 0; a masked or zero-weighted item leaves the batch.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (labels) `[item]`; one term per item.
/// - Weighted mean: the default; divides by the number of items with a positive, and is 0 if none.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `1 / temperature` times as
///   much; the condition number of a term is that of its exponents.
public struct SupConLoss: MatchedSimilarityLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Temperature that divides the cosines.
    public var temperature = 0.1
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "temperature that divides the cosines")
    ]
  }

  public static let metadata = LossMetadata(
    "supcon", "Supervised contrastive loss over all positives of an anchor.",
    formula: """
      - (1 / |P|) Σ_{p in P} log(exp(s_ip) / Σ_{a ≠ i} exp(s_ia))
      s_ij = cos(prediction_i, prediction_j) / temperature
      """,
    domain: "Finite vectors, a zero vector with cosine 0; items with equal labels are positives.",
    gradient: "0 for a zero vector.",
    usage: """
      Representation learning from class labels, where an item has many positives. For two views \
      without labels use ntxent.
      """,
    related: ["ntxent", "multi_similarity", "circle", "cross_entropy"],
    alsoKnownAs: ["supervised_contrastive"],
    references: ["P. Khosla et al., Supervised Contrastive Learning, 2020"])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// 1 for an item with a positive.
  public func termWeight(positives: Int, negatives: Int) -> Int { min(1, positives) }

  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let scale = S(1 / options.temperature)
    let positives = Double(row.positiveCount)
    guard positives > 0 else { return 0 }
    let others = row.sumOthers { scale * $0 }
    let (normalizer, share) = (scale.asDouble * others.normalizer, scale.asDouble / positives)
    row.scaleNegatives { _ in normalizer }
    var differences = CompensatedSum()
    for j in row.group where j != row.item {
      let difference = others.maximum - row.exponents[j].asDouble
      differences.add(difference)
      // p - 1 would cancel where p is near 1: it is minus the probability of the other items.
      let isLargestAlone = positives == 1 && difference == 0
      let derivative =
        isLargestAlone
        ? -others.complement * scale.asDouble : row.derivatives[j].asDouble * normalizer - share
      row.derivatives[j] = S(derivative)
    }
    return others.logSumExpMinusMaximum + differences.value / positives
  }

  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The derivative of an item is `s p`, and that of a positive `s (p - 1 / |P|)`.
  public func writeChanges<S: LossScalar>(
    _ row: SimilarityRow<S>, _ changes: UnsafeMutablePointer<S>
  ) {
    let scale = S(1 / options.temperature).asDouble
    guard row.positiveCount > 0 else {
      for j in 0..<row.count { changes[j] = 0 }
      return
    }
    changes[row.item] = 0
    let others = row.sumOthers { S(scale) * $0 }
    // Relative to the change of the most likely item nothing cancels.
    var best = 0
    for j in 0..<row.count where row.derivatives[j] > row.derivatives[best] { best = j }
    let origin = changes[best].asDouble
    var sum = CompensatedSum()
    for j in 0..<row.count where j != row.item {
      sum.add(row.derivatives[j].asDouble * (changes[j].asDouble - origin))
    }
    let mean = sum.value * others.normalizer
    let factor = scale * scale * others.normalizer
    for j in 0..<row.count where j != row.item {
      let difference = (changes[j].asDouble - origin) - mean
      changes[j] = S(factor * row.derivatives[j].asDouble * difference)
    }
    // The exponentials have taken the place of the derivatives.
    _ = term(row)
  }
}
