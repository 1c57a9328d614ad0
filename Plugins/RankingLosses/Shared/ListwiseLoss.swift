public import LossCore

/// A loss of lists: a score and a relevance for each item, a term a list.
///
/// The loss has the formula of one list. What all of them share is here: the signature, the items
/// that are padding, a list with NaN in it, and the gradient's way back to the scores.
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask. A list with NaN in it has a loss of NaN, and a
///   gradient of NaN at every item.
public protocol ListwiseLoss: RowwiseLoss {
  /// The loss of one list without NaN; adds its derivatives by the scores to `list.derivatives`.
  ///
  /// The row is where the list comes from, and says in which precision.
  func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double
}

extension ListwiseLoss {
  /// Scores and relevances.
  public var signature: LossSignature { .lists }
  /// A list of padding does not count.
  public var hasTermWeights: Bool { true }
  /// 1, or below zero for a list of padding.
  public func termWeight<S: LossScalar>(_ row: Row<S>) -> S { RankedList.termWeight(row) }
  /// Room for a list.
  public func workspaceCount(length: Int) -> Int {
    RankedList.workspaceCount(length: length)
  }

  /// The loss of the items that are there; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let list = RankedList(row)
    guard !list.hasNaN else { return list.nan(row) }
    let loss = loss(of: list, in: row)
    list.writeGradient(row)
    return S(loss)
  }
}

/// A loss of lists that adds up pairs of items of which one is more relevant.
///
/// Its lists weigh by their pairs: the weighted mean divides by the number of pairs. It is the
/// default, and 0 if no list has a pair.
public protocol PairwiseListLoss: ListwiseLoss {}

extension PairwiseListLoss {
  /// The mean over all pairs of all lists.
  public var defaultReduction: Reduction {
    Reduction(.weightedMean, whenEmpty: .zero)
  }
  /// The number of pairs.
  public func termWeight<S: LossScalar>(_ row: Row<S>) -> S { .pairCount(row) }
}

extension LossSignature {
  /// The signature of losses of lists: a score and a relevance for each item.
  static let lists = LossSignature(
    .real(.prediction, "... item"), .labels(.target, "... item", .nonNegative), terms: "...",
    classAxis: "item")
}
