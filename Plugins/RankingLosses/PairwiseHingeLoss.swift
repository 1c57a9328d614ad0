public import LossCore

/// Hinge loss of the score difference of each pair with unequal relevance.
///
/// A list of padding alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
/// - Weighted mean: the default; divides by the number of pairs, and is 0 without any.
public struct PairwiseHingeLoss: PairwiseListLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Margin between the scores of a pair.
    public var margin = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "margin between the scores of a pair")
    ]
  }

  public static let metadata = LossMetadata(
    "pairwise_hinge", "Hinge loss of the score difference of each pair with unequal relevance.",
    formula: """
      Σ max(0, margin - (prediction_i - prediction_j))
      over pairs with target_i > target_j
      """,
    domain: "Real scores, relevances of at least 0; a target below 0 is padding.",
    gradient: "0 for pairs outside the margin and at its edge.",
    usage: """
      Pairwise learning to rank in the style of ranking SVMs; pairs beyond the margin have no \
      gradient. ranknet is its smooth counterpart.
      """,
    related: ["ranknet", "margin_ranking", "lambda"],
    alsoKnownAs: ["ranking_svm"],
    references: ["T. Joachims, Optimizing Search Engines Using Clickthrough Data, 2002"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let margin = Double(S(options.margin))
    var sum = CompensatedSum()
    list.forEachPair { i, j in
      let excess = margin - (list.scores[i] - list.scores[j])
      guard excess > 0 else { return }
      sum.add(excess)
      list.derivatives[i] -= 1
      list.derivatives[j] += 1
    }
    return sum.value
  }
}
