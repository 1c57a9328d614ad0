public import LossCore

/// ListMLE: negative log-likelihood of the true order under the Plackett-Luce model.
///
/// A list of padding alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
public struct ListMLELoss: ListwiseLoss {
  public static let metadata = LossMetadata(
    "list_mle", "ListMLE: negative log-likelihood of the true order under the Plackett-Luce model.",
    formula: "- Σ_k log(exp(prediction_k) / Σ_{i ≥ k} exp(prediction_i)), by falling target",
    domain: """
      Real scores, relevances of at least 0, ties in list order; a target below 0 is padding.
      """,
    usage: """
      Listwise learning to rank from a full order. ranking_softmax uses the relevances, not only \
      their order.
      """,
    related: ["ranking_softmax", "ranknet", "approx_ndcg"],
    alsoKnownAs: ["listmle", "plackett_luce"],
    references: [
      "F. Xia et al., Listwise Approach to Learning to Rank: Theory and Algorithm, 2008"
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let order = list.scratch
    list.sort(by: list.relevance, into: order)
    // Log-odds of a later item: the log-sum-exp of the later scores minus the score.
    let logOdds = order + list.capacity
    var sum = CompensatedSum()
    var logSumExp = -Double.infinity
    for k in stride(from: list.count - 1, through: 0, by: -1) {
      let score = list.scores[Int(order[k])]
      logOdds[k] = logSumExp - score
      let negativeLogLikelihood = Double.log1pExp(logOdds[k])
      sum.add(negativeLogLikelihood)
      logSumExp = score + negativeLogLikelihood
    }
    var accumulated = 0.0
    for k in 0..<list.count {
      let complement = Double.sigmoid(logOdds[k])
      list.derivatives[Int(order[k])] = accumulated * Double.sigmoid(-logOdds[k]) - complement
      accumulated = (1 + accumulated) * complement
    }
    return sum.value
  }
}
