public import LossCore

/// LambdaLoss: pairwise logistic loss weighted by the change of NDCG.
///
/// The sum is over pairs with target_i > target_j; that of `ndcg_loss1` is over all pairs, an item
/// with itself included. A list of padding alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
public struct LambdaLoss: ListwiseLoss {
  /// The weight of a pair.
  public enum Weighting: String, OptionChoice {
    /// The change of NDCG when the pair is swapped.
    case lambdaRank = "lambda_rank"
    /// The discounted gain of the first item.
    case ndcgLoss1 = "ndcg_loss1"
    /// The difference of the discounts at their rank distance.
    case ndcgLoss2 = "ndcg_loss2"
    /// The weighted sum of `ndcg_loss2` and `lambda_rank`.
    case ndcgLoss2pp = "ndcg_loss2pp"
  }

  /// Options of the loss.
  public struct Options: LossOptions {
    /// Weight of a pair.
    public var weighting = Weighting.lambdaRank
    /// Scale of the score differences.
    public var sigma = 1.0
    /// Weight of ndcg_loss2 in ndcg_loss2pp.
    public var mu = 10.0
    /// Number of top ranks that count.
    public var k: Int?
    /// Whether to use logarithms of base 2.
    public var baseTwo = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("weighting", \.weighting, "weight of a pair"),
      .number("sigma", \.sigma, .above(0), "scale of the score differences"),
      .number("mu", \.mu, .atLeast(0), "weight of ndcg_loss2 in ndcg_loss2pp"),
      OptionField(
        "k", \.k, range: "a whole number above zero, or null", "number of top ranks that count"
      ) {
        $0.map { $0 > 0 } ?? true
      },
      .flag("base_two", \.baseTwo, "whether to use logarithms of base 2"),
    ]
  }

  public static let metadata = LossMetadata(
    "lambda", "LambdaLoss: pairwise logistic loss weighted by the change of NDCG.",
    formula: """
      Σ w_ij log(1 + exp(-sigma (prediction_i - prediction_j)))
      w_ij = a |G_i - G_j|              by default
      w_ij = G_i / D(rank_i)            with ndcg_loss1
      w_ij = b |G_i - G_j|              with ndcg_loss2
      w_ij = (a + mu b) |G_i - G_j|     with ndcg_loss2pp
      a = |1 / D(rank_i) - 1 / D(rank_j)|
      b = |1 / D(d) - 1 / D(d + 1)|, d = abs(rank_i - rank_j)
      D(rank) = log2(1 + rank), G = (2^target - 1) / (ideal DCG)
      """,
    domain: """
      Real scores, relevances of at least 0; a target below 0 is padding. A list without a \
      relevant item has term 0.
      """,
    gradient: "The weights are piecewise constant in the scores. Equal scores rank in list order.",
    usage: """
      Learning to rank for NDCG; the default weighting is that of LambdaRank. ranknet has no \
      weights, approx_ndcg and neural_ndcg are smooth forms of NDCG itself.
      """,
    related: ["ranknet", "approx_ndcg", "neural_ndcg", "ranking_softmax"],
    alsoKnownAs: ["lambdarank", "lambdaloss"],
    references: [
      "X. Wang et al., The LambdaLoss Framework for Ranking Metric Optimization, 2018",
      "C. Burges, From RankNet to LambdaRank to LambdaMART, 2010",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.nonNegative] }
  public var rolesWithSecondDerivative: [Role] { [.prediction] }
  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let ranks = min(options.k ?? list.count, list.count)
    let ideal = list.idealGain(most: ranks)
    var sum = CompensatedSum()
    if ideal > 0 {
      let order = list.scratch
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
    list.addLogistic(i, j, weight: weight, sigma: options.sigma, to: &sum)
  }

  /// The weight of a pair with these ranks, counted from 0, and gains.
  func weight(_ rank: Int, _ other: Int, _ gain: Double, _ otherGain: Double) -> Double {
    func inverseDiscount(_ rank: Int) -> Double { 1 / RankedList.discount(Double(rank)) }
    let gainDifference = (gain - otherGain).magnitude
    let distance = abs(rank - other)
    func byRanks() -> Double {
      (inverseDiscount(rank + 1) - inverseDiscount(other + 1)).magnitude * gainDifference
    }
    func byDistance() -> Double {
      distance == 0
        ? 0 : (inverseDiscount(distance) - inverseDiscount(distance + 1)).magnitude * gainDifference
    }
    return switch options.weighting {
    case .lambdaRank: byRanks()
    case .ndcgLoss1: gain * inverseDiscount(rank + 1)
    case .ndcgLoss2: byDistance()
    case .ndcgLoss2pp: options.mu * byDistance() + byRanks()
    }
  }
}
