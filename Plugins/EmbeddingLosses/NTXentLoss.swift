public import LossCore
import LossDialects

/// InfoNCE: cross entropy of each positive pair against the negatives of the batch.
///
/// Other positives are in no denominator. A masked or zero-weighted item leaves the batch.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (labels) `[item]`; one term per item.
/// - Weighted mean: the default; divides by the number of positive pairs, and is 0 without any.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `1 / temperature` times as
///   much; the condition number of a term is that of its exponents.
public struct NTXentLoss: MatchedSimilarityLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Temperature that divides the cosines.
    public var temperature = 0.07
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "temperature that divides the cosines")
    ]
  }

  public static let metadata = LossMetadata(
    "ntxent", "InfoNCE: cross entropy of each positive pair against the negatives of the batch.",
    formula: """
      Σ_p - log(exp(s_ip) / (exp(s_ip) + Σ_n exp(s_in)))
      s_ij = cos(prediction_i, prediction_j) / temperature
      """,
    domain: "Finite vectors, a zero vector with cosine 0; items with equal labels are positives.",
    gradient: "0 for a zero vector.",
    usage: """
      Contrastive learning from augmented views, as in SimCLR, with large batches. With several \
      positives per label use supcon.
      """,
    related: ["supcon", "n_pairs", "multi_similarity", "triplet_margin"],
    alsoKnownAs: ["info_nce", "infonce", "nt_xent", "simclr"],
    references: [
      "K. Sohn, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, 2016",
      "T. Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, 2020",
    ],
    dialectEntries: [
      .optax(
        "ntxent", options: [.same("temperature")],
        arguments: [
          DialectArgument(.prediction, "embeddings"), DialectArgument(.target, "labels"),
        ]
      ) { resolution in
        resolution.reduction = Reduction(.weightedMean, whenEmpty: .nan)
      }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// The number of positives.
  public func termWeight(positives: Int, negatives: Int) -> Int { positives }

  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let scale = S(1 / options.temperature)
    let negatives = row.sumOverNegatives { scale * $0 }
    var sum = CompensatedSum()
    var probabilitySum = 0.0
    for j in row.group where j != row.item {
      let logitDifference = negatives.logarithm - scale.asDouble * row.similarities[j].asDouble
      let probability = Double.sigmoid(logitDifference)
      sum.add(Double.log1pExp(logitDifference))
      probabilitySum += probability
      row.derivatives[j] = S(-scale.asDouble * probability)
      row.exponents[j] = S(logitDifference)
    }
    let factor = scale.asDouble * probabilitySum * negatives.normalizer
    row.scaleNegatives { _ in factor }
    return sum.value
  }

  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The derivatives are `-s q_j` of a positive and `s p_n Σ q` of a negative, with `q = σ(L - z_j)`
  /// and L the logarithm of the sum over the negatives.
  public func writeChanges<S: LossScalar>(
    _ row: SimilarityRow<S>, _ changes: UnsafeMutablePointer<S>
  ) {
    let scale = S(1 / options.temperature).asDouble
    func change(_ j: Int) -> Double { scale * changes[j].asDouble }
    // `term` has stored the derivatives, from which the probabilities follow.
    var sums = (derivatives: CompensatedSum(), changes: CompensatedSum())
    for j in 0..<row.count where !row.group.contains(j) {
      sums.derivatives.add(row.derivatives[j].asDouble)
      sums.changes.add(row.derivatives[j].asDouble * change(j))
    }
    let all = sums.derivatives.value
    let mean = all == 0 ? 0 : sums.changes.value / all
    var total = CompensatedSum()
    for j in row.group where j != row.item {
      let logit = row.exponents[j].asDouble
      let slope = Double.sigmoid(logit) * Double.sigmoid(-logit)
      let changeOfProbability = slope * (mean - change(j))
      total.add(changeOfProbability)
      changes[j] = S(-scale * changeOfProbability)
    }
    changes[row.item] = 0
    let factor = all == 0 ? 0 : scale * total.value / all
    for j in 0..<row.count where !row.group.contains(j) {
      changes[j] = S(row.derivatives[j].asDouble * (factor + (change(j) - mean)))
    }
  }
}
