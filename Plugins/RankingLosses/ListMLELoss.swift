public import LossCore

/// The surprise at the true order of a list, drawn item by item with the softmax of what is left.
///
///     - Σ_k log(exp(prediction_k) / Σ_{i ≥ k} exp(prediction_i))
///
/// where `k` counts the items by falling relevance; of equally relevant items the first comes first.
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask.
/// - Gradient: `Σ_{i ≤ k} exp(prediction_k) / Σ_{j ≥ i} exp(prediction_j) - 1`
/// - Reference: F. Xia et al., "Listwise Approach to Learning to Rank: Theory and Algorithm", 2008.
public struct ListMLELoss: ListwiseLoss {
  public static let metadata = LossMetadata(
    "list_mle", "The surprise at the true order of a list.",
    formula: "- Σ_k log(exp(prediction_k) / Σ_{i ≥ k} exp(prediction_i)), by falling target",
    domain: "Scores of any size; relevances of at least 0; a target below 0 is padding.",
    references: ["F. Xia et al., Listwise Approach to Learning to Rank, 2008"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// The surprise at one order, and its derivatives by the scores.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let order = list.rest
    list.sort(by: list.relevance, into: order)
    // By how much the items after one outscore it together: everything follows from these leads.
    let leads = order + list.capacity
    var sum = CompensatedSum()
    var after = -Double.infinity
    for k in stride(from: list.count - 1, through: 0, by: -1) {
      let score = list.scores[Int(order[k])]
      leads[k] = after - score
      let negativeLogLikelihood = Double.log1pExp(leads[k])
      sum.add(negativeLogLikelihood)
      after = score + negativeLogLikelihood
    }
    var carried = 0.0
    for k in 0..<list.count {
      let beaten = Double.sigmoid(leads[k])
      list.derivatives[Int(order[k])] = carried * Double.sigmoid(-leads[k]) - beaten
      carried = (1 + carried) * beaten
    }
    return sum.value
  }
}
