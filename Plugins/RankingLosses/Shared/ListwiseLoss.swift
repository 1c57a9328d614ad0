public import LossCore

/// A listwise ranking loss: a score and a relevance for each item, and one term per list.
///
/// The loss gives the formula of one list. This protocol handles the signature, padding, NaN and
/// the gradient.
///
/// - Shape: prediction and target `[..., item]`; the class axis is the item axis.
/// - Domain: real scores, relevances of at least 0. An item with a target below 0 is padding; a
///   list of padding alone is removed, as by a mask. A list that contains NaN has a loss of NaN and
///   a gradient of NaN at every item.
public protocol ListwiseLoss: RowwiseLoss {
  /// The loss of one list without NaN; adds its derivatives to `list.derivatives`, the second ones or
  /// the product of the Hessian with `list.vector` where `list.order` says so, which is only for a
  /// loss that lists `rolesWithSecondDerivative` or `rolesWithHessianVectorProduct`.
  ///
  /// The row is the source of the list; its type `S` gives the precision.
  func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double
}

extension ListwiseLoss {
  public var signature: LossSignature { .lists }
  public var hasTermWeights: Bool { true }
  /// 1, or a negative weight, which removes the term, for a list of padding.
  public func termWeight<S: LossScalar>(_ row: Row<S>) -> S { RankedList.termWeight(row) }
  public func workspaceCount(length: Int) -> Int {
    RankedList.workspaceCount(length: length)
  }

  public func term<S: LossScalar>(_ row: Row<S>) -> S { term(row, .first) }
  public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S { term(row, .second) }
  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    term(row, .hessianVectorProduct)
  }

  private func term<S: LossScalar>(_ row: Row<S>, _ order: DerivativeOrder) -> S {
    let list = RankedList(row, order)
    guard !list.hasNaN else { return list.nan(row) }
    let loss = loss(of: list, in: row)
    list.writeGradient(row)
    return S(loss)
  }
}

/// A listwise loss that sums over pairs of items with different relevance.
///
/// The term weight is the number of pairs: the weighted mean, which is the default, divides by it
/// and is 0 without any pair.
public protocol PairwiseListLoss: ListwiseLoss {}

extension PairwiseListLoss {
  public var defaultReduction: Reduction {
    Reduction(.weightedMean, whenEmpty: .zero)
  }
  /// The number of pairs; negative for a list of padding.
  public func termWeight<S: LossScalar>(_ row: Row<S>) -> S { .pairCount(row) }
}

extension LossSignature {
  /// A score and a relevance for each item.
  static let lists = LossSignature(
    .real(.prediction, "... item"), .labels(.target, "... item", .relevance), terms: "...",
    classAxis: "item")
}
