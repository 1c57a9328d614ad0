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

  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    list.sort(by: list.relevance, into: list.scratch)
    if list.order == .hessianVectorProduct {
      return loss(of: list) {
        DualNumber(list.scores[$0], derivative: list.vector[$0])
      } write: {
        list.derivatives[$0] = $1.derivative
      } value: {
        $0.value
      }
    }
    return loss(of: list) {
      list.scores[$0]
    } write: {
      list.derivatives[$0] = $1
    } value: {
      $0
    }
  }

  /// The loss and its gradient in numbers that may carry a derivative.
  @inline(__always)
  private func loss<N: LossArithmetic>(
    of list: RankedList, _ score: (Int) -> N, write: (Int, N) -> Void, value: (N) -> Double
  ) -> Double {
    let order = list.scratch
    // Log-odds of a later item: the log-sum-exp of the later scores minus the score. A dual number
    // takes the place of two.
    return (order + list.capacity).withMemoryRebound(to: N.self, capacity: list.count) { logOdds in
      var sum = CompensatedSum()
      var logSumExp = -N.infinity
      for k in stride(from: list.count - 1, through: 0, by: -1) {
        let score = score(Int(order[k]))
        logOdds[k] = logSumExp - score
        let negativeLogLikelihood = N.log1pExp(logOdds[k])
        sum.add(value(negativeLogLikelihood))
        logSumExp = score + negativeLogLikelihood
      }
      var accumulated: N = 0
      for k in 0..<list.count {
        let complement = N.sigmoid(logOdds[k])
        write(Int(order[k]), accumulated * N.sigmoid(-logOdds[k]) - complement)
        accumulated = (1 + accumulated) * complement
      }
      return sum.value
    }
  }
}
