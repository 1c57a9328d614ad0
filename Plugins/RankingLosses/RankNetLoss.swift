public import LossCore

/// The surprise at the order of each pair of items, as a logistic of the difference of their scores.
///
///     Σ weight log(1 + exp(-sigma (prediction_i - prediction_j)))      over relevance_i > relevance_j
///
/// The weight is 1, or by `pair_weights` the difference of the relevances or of their squares.
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask.
/// - Weighted mean: divides by the number of pairs. It is the default, and 0 if no list has a pair.
/// - Gradient: `- weight sigma / (1 + exp(sigma (prediction_i - prediction_j)))` for the first of each
///   pair, its negative for the second.
/// - Reference: C. Burges et al., "Learning to Rank Using Gradient Descent", 2005.
public struct RankNetLoss: PairwiseListLoss {
  /// What a pair weighs.
  public enum PairWeights: String, OptionChoice {
    /// 1.
    case one
    /// The difference of the relevances.
    case difference
    /// The difference of the squared relevances.
    case differenceOfSquares = "difference_of_squares"
  }

  /// The steepness and the weights.
  public struct Options: LossOptions {
    /// What differences of scores are multiplied by.
    public var sigma = 1.0
    /// What a pair weighs.
    public var pairWeights = PairWeights.one
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("sigma", \.sigma, .above(0), "what differences of scores are multiplied by"),
      .choice("pair_weights", \.pairWeights, "what a pair weighs"),
    ]
  }

  public static let metadata = LossMetadata(
    "ranknet", "The surprise at the order of each pair of items.",
    formula: """
      Σ weight log(1 + exp(-sigma (prediction_i - prediction_j)))
      over pairs with target_i > target_j
      """,
    domain: "Scores of any size; relevances of at least 0; a target below 0 is padding.",
    references: ["C. Burges et al., Learning to Rank Using Gradient Descent, 2005"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// The sum over the pairs of one list, and its derivatives by the scores.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    var sum = CompensatedSum()
    list.forEachPair { i, j in
      let weight = weight(list.relevance[i], list.relevance[j])
      let lead = options.sigma * (list.scores[i] - list.scores[j])
      sum.add(weight * Double.log1pExp(-lead))
      let derivative = weight * options.sigma * Double.sigmoid(-lead)
      list.derivatives[i] -= derivative
      list.derivatives[j] += derivative
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
