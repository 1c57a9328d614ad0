public import LossCore

/// RankNet: logistic loss of the score difference of each pair.
///
/// A list of padding alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
/// - Weighted mean: the default; divides by the number of pairs, and is 0 without any.
public struct RankNetLoss: PairwiseListLoss {
  /// The weight of a pair.
  public enum PairWeights: String, OptionChoice {
    /// 1.
    case one
    /// The difference of the relevances.
    case difference
    /// The difference of the squared relevances.
    case differenceOfSquares = "difference_of_squares"
  }

  /// Options of the loss.
  public struct Options: LossOptions {
    /// Scale of the score differences.
    public var sigma = 1.0
    /// Weight of a pair.
    public var pairWeights = PairWeights.one
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("sigma", \.sigma, .above(0), "scale of the score differences"),
      .choice("pair_weights", \.pairWeights, "weight of a pair"),
    ]
  }

  public static let metadata = LossMetadata(
    "ranknet", "RankNet: logistic loss of the score difference of each pair.",
    formula: """
      Σ weight log(1 + exp(-sigma (prediction_i - prediction_j)))
      over pairs with target_i > target_j
      """,
    domain: "Real scores, relevances of at least 0; a target below 0 is padding.",
    usage: """
      Pairwise learning to rank from graded relevances. All pairs count alike: use lambda to \
      weight them by their effect on NDCG.
      """,
    related: ["lambda", "pairwise_hinge", "list_mle", "margin_ranking"],
    alsoKnownAs: ["pairwise_logistic"],
    references: ["C. Burges et al., Learning to Rank Using Gradient Descent, 2005"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }
  public var rolesWithSecondDerivative: [Role] { [.prediction] }
  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    var sum = CompensatedSum()
    list.forEachPair { i, j in
      let weight = weight(list.relevance[i], list.relevance[j])
      list.addLogistic(i, j, weight: weight, sigma: options.sigma, to: &sum)
    }
    return sum.value
  }

  @inline(__always)
  func weight(_ high: Double, _ low: Double) -> Double {
    switch options.pairWeights {
    case .one: 1
    case .difference: high - low
    case .differenceOfSquares: (high - low) * (high + low)
    }
  }
}
