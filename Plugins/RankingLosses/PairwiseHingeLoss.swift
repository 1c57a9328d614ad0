public import LossCore

/// How far the more relevant item of each pair fails to score higher by a margin.
///
///     Σ max(0, margin - (prediction_i - prediction_j))      over relevance_i > relevance_j
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: every score; relevances of at least 0. An item with a target below 0 is padding; a list
///   of nothing else is removed, as by a mask.
/// - Weighted mean: divides by the number of pairs. It is the default, and 0 if no list has a pair.
/// - Gradient: -1 for the first and 1 for the second item of each pair inside the margin, 0 outside
///   and at its edge.
/// - Reference: T. Joachims, "Optimizing Search Engines Using Clickthrough Data", 2002.
public struct PairwiseHingeLoss: PairwiseListLoss {
  /// The margin.
  public struct Options: LossOptions {
    /// By how much the more relevant item is to score higher.
    public var margin = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "by how much the more relevant is to score higher")
    ]
  }

  public static let metadata = LossMetadata(
    "pairwise_hinge", "How far the more relevant of each pair fails to score higher by a margin.",
    formula: """
      Σ max(0, margin - (prediction_i - prediction_j))
      over pairs with target_i > target_j
      """,
    domain: "Every score; relevances of at least 0; a target below 0 is padding.",
    references: ["T. Joachims, Optimizing Search Engines Using Clickthrough Data, 2002"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }

  /// The sum over the pairs of one list, and its derivatives by the scores.
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
