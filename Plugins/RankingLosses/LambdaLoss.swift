public import LossCore

/// The surprise at the order of each pair of items, weighted by what the pair means for NDCG.
///
///     Σ w_ij log(1 + exp(-sigma (prediction_i - prediction_j)))      over relevance_i > relevance_j
///
/// With the ranks `r` by falling score, from 1 on, the discounts `D(r) = log2(1 + r)`, and the gains
/// `G = (2^relevance - 1) / (the largest Σ (2^relevance - 1) / D of any order)`:
///
///     lambda_rank :  w_ij = |1 / D(r_i) - 1 / D(r_j)| |G_i - G_j|
///     ndcg_loss1  :  w_ij = G_i / D(r_i), over all pairs, also of an item with itself
///     ndcg_loss2  :  w_ij = |1 / D(|r_i - r_j|) - 1 / D(|r_i - r_j| + 1)| |G_i - G_j|
///     ndcg_loss2pp:  w_ij = mu times that of ndcg_loss2, plus that of lambda_rank
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask. A list of relevances 0 has the term 0.
/// - Gradient: that of the logistic; the weights are constant where no two scores are equal. Of equal
///   scores the first is ranked first.
/// - Reference: X. Wang et al., "The LambdaLoss Framework for Ranking Metric Optimization", 2018.
public struct LambdaLoss: ListwiseLoss {
  /// What a pair weighs.
  public enum Weighting: String, OptionChoice {
    /// How NDCG changes when the pair changes places.
    case lambdaRank = "lambda_rank"
    /// The discounted gain of the first.
    case ndcgLoss1 = "ndcg_loss1"
    /// The discounts between their ranks.
    case ndcgLoss2 = "ndcg_loss2"
    /// Both the last and LambdaRank's.
    case ndcgLoss2pp = "ndcg_loss2pp"
  }

  /// The weighting and the steepness.
  public struct Options: LossOptions {
    /// What a pair weighs.
    public var weighting = Weighting.lambdaRank
    /// What differences of scores are multiplied by.
    public var sigma = 1.0
    /// The share of `ndcg_loss2` in `ndcg_loss2pp`.
    public var mu = 10.0
    /// How many ranks count; nil for all.
    public var k: Int?
    /// Whether logarithms are those of base 2.
    public var baseTwo = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("weighting", \.weighting, "what a pair weighs"),
      .number("sigma", \.sigma, .above(0), "what differences of scores are multiplied by"),
      .number("mu", \.mu, .atLeast(0), "the share of ndcg_loss2 in ndcg_loss2pp"),
      OptionField("k", \.k, range: "a whole number above zero, or null", "how many ranks count") {
        $0.map { $0 > 0 } ?? true
      },
      .flag("base_two", \.baseTwo, "whether logarithms are those of base 2"),
    ]
  }

  public static let metadata = LossMetadata(
    "lambda", "The surprise at the order of each pair, weighted by what it means for NDCG.",
    formula: """
      Σ w_ij log(1 + exp(-sigma (prediction_i - prediction_j)))
      w_ij = |1 / D(rank_i) - 1 / D(rank_j)| |G_i - G_j|, or by weighting another
      """,
    domain: "Scores of any size; relevances of at least 0; a target below 0 is padding.",
    references: [
      "X. Wang et al., The LambdaLoss Framework for Ranking Metric Optimization, 2018",
      "C. Burges, From RankNet to LambdaRank to LambdaMART, 2010",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.nonNegative] }

  /// The weighted surprise at the pairs of one list, and its derivatives by the scores.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let ranks = min(options.k ?? list.count, list.count)
    let ideal = list.idealGain(most: ranks)
    var sum = CompensatedSum()
    if ideal > 0 {
      let order = list.rest
      list.sort(by: list.scores, into: order)
      let gains = order + 2 * list.capacity
      for i in 0..<list.count { gains[i] = list.gain(i) / ideal }
      for rank in 0..<ranks {
        for other in 0..<ranks {
          let (i, j) = (Int(order[rank]), Int(order[other]))
          let isPair = list.relevance[i] > list.relevance[j] || options.weighting == .ndcgLoss1
          if isPair { add(i, j, weight(rank, other, gains[i], gains[j]), list, &sum) }
        }
      }
    }
    return sum.value
  }

  func add(_ i: Int, _ j: Int, _ weight: Double, _ list: RankedList, _ sum: inout CompensatedSum) {
    let weight = options.baseTwo ? weight * 1.4426950408889634 : weight
    let lead = options.sigma * (list.scores[i] - list.scores[j])
    sum.add(weight * Double.log1pExp(-lead))
    let derivative = weight * options.sigma * Double.sigmoid(-lead)
    list.derivatives[i] -= derivative
    list.derivatives[j] += derivative
  }

  /// What a pair of these ranks, counted from 0, and gains weighs.
  func weight(_ rank: Int, _ other: Int, _ gain: Double, _ otherGain: Double) -> Double {
    func share(_ rank: Int) -> Double { 1 / RankedList.discount(Double(rank)) }
    let change = (gain - otherGain).magnitude
    let distance = abs(rank - other)
    func byRanks() -> Double { (share(rank + 1) - share(other + 1)).magnitude * change }
    func byDistance() -> Double {
      distance == 0 ? 0 : (share(distance) - share(distance + 1)).magnitude * change
    }
    return switch options.weighting {
    case .lambdaRank: byRanks()
    case .ndcgLoss1: gain * share(rank + 1)
    case .ndcgLoss2: byDistance()
    case .ndcgLoss2pp: options.mu * byDistance() + byRanks()
    }
  }
}
