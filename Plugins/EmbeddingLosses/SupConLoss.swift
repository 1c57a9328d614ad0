public import LossCore

/// The mean surprise at the matches of an item among all other items of its batch.
///
///     - (1 / |P|) Σ_{p in P} log(exp(cos_ip / T) / Σ_{a ≠ i} exp(cos_ia / T))
///
/// over the matches `P` of the item `i`, which have its label.
///
/// - Shape: prediction (the vectors) `[item, feature]`, target (the labels) `[item]`, whole numbers
///   that are the same for a match; one term an item, 0 for one without a match.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0 to all.
/// - Weighted mean: divides by the number of items that have a match. It is the default, and 0 if
///   there is none. A removed item is not in the batch at all, also one with a weight of 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `1 / T` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula; 0 for a zero vector.
/// - Reference: P. Khosla et al., "Supervised Contrastive Learning", 2020.
public struct SupConLoss: MatchedSimilarityLoss {
  /// The temperature.
  public struct Options: LossOptions {
    /// What cosines are divided by.
    public var temperature = 0.1
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "what cosines are divided by")
    ]
  }

  public static let metadata = LossMetadata(
    "supcon", "The mean surprise at the positives of an item among all others of its batch.",
    formula: "- (1 / |P|) Σ_{p in P} log(exp(cos_ip / T) / Σ_{a ≠ i} exp(cos_ia / T))",
    domain: "Every finite vector; labels that are the same for a match.",
    references: ["P. Khosla et al., Supervised Contrastive Learning, 2020"])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// 1 if there is a match.
  public func termWeight(positives: Int, negatives: Int) -> Int { min(1, positives) }

  /// The mean surprise at the matches of one item.
  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let scale = S(1 / options.temperature)
    let positives = Double(row.matchCount)
    guard positives > 0 else { return 0 }
    let others = row.sumOthers { scale * $0 }
    let (unit, share) = (scale.asDouble * others.unit, scale.asDouble / positives)
    row.scaleNegatives { _ in unit }
    var gaps = CompensatedSum()
    for j in row.group where j != row.item {
      let gap = others.top - row.exponents[j].asDouble
      gaps.add(gap)
      // p - 1 would cancel where p is near 1; it is what the other items have.
      let isAll = positives == 1 && gap == 0
      let derivative =
        isAll ? -others.rest * scale.asDouble : row.derivatives[j].asDouble * unit - share
      row.derivatives[j] = S(derivative)
    }
    return others.excess + gaps.value / positives
  }
}
