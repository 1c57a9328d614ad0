public import LossCore
import LossDialects

/// The surprise at each match of an item among the strangers of its batch.
///
///     Σ_p - log(exp(cos_ip / T) / (exp(cos_ip / T) + Σ_n exp(cos_in / T)))
///
/// over the matches `p` of the item `i`, which have its label, and the strangers `n`, which have not.
/// Other matches are in no denominator.
///
/// - Shape: prediction (the vectors) `[item, feature]`, target (the labels) `[item]`, whole numbers
///   that are the same for a match; one term an item.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0 to all.
/// - Weighted mean: divides by the number of pairs that match. It is the default, and 0 if there is
///   none. A removed item is not in the batch at all, also one with a weight of 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `1 / T` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula; 0 for a zero vector.
/// - Reference: K. Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss Objective",
///   2016; T. Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations",
///   2020.
public struct NTXentLoss: MatchedSimilarityLoss {
  /// The temperature.
  public struct Options: LossOptions {
    /// What cosines are divided by.
    public var temperature = 0.07
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "what cosines are divided by")
    ]
  }

  public static let metadata = LossMetadata(
    "ntxent", "The surprise at each match of an item among the strangers of its batch.",
    formula: "Σ_p - log(exp(cos_ip / T) / (exp(cos_ip / T) + Σ_n exp(cos_in / T)))",
    domain: "Every finite vector; labels that are the same for a match.",
    references: ["T. Chen et al., A Simple Framework for Contrastive Learning, 2020"],
    dialectEntries: [
      .optax(
        "ntxent", options: [.same("temperature")],
        arguments: [
          DialectArgument(.prediction, "embeddings"), DialectArgument(.target, "labels"),
        ]
      ) { selection in
        selection.reduction = Reduction(.weightedMean, whenEmpty: .nan)
      }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// The number of matches.
  public func termWeight(positives: Int, negatives: Int) -> Int { positives }

  /// The surprise at the matches of one item.
  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let scale = S(1 / options.temperature)
    let negatives = row.sumOverNegatives { scale * $0 }
    var sum = CompensatedSum()
    var missed = 0.0
    for j in row.group where j != row.item {
      let lead = negatives.logarithm - scale.asDouble * row.similarities[j].asDouble
      let share = Double.sigmoid(lead)
      sum.add(Double.log1pExp(lead))
      missed += share
      row.derivatives[j] = S(-scale.asDouble * share)
    }
    let factor = scale.asDouble * missed * negatives.unit
    row.scaleNegatives { _ in factor }
    return sum.value
  }
}
