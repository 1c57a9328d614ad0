public import LossCore
import LossDialects

/// The cross entropy of a list: the surprise at each item being the best, by its share of relevance.
///
///     - Σ q log(exp(prediction) / Σ exp(prediction))
///
/// `q` is the relevance as it is, or by `shares` its share of the sum, or the softmax of all of them,
/// which makes it ListNet.
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask. A list of relevances 0 has no shares, and the
///   term 0.
/// - Gradient: `p Σ q - q`, with the softmax `p` of the scores.
/// - Reference: Z. Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007.
public struct RankingSoftmaxLoss: ListwiseLoss {
  /// What becomes of the relevances.
  public enum Shares: String, OptionChoice {
    /// They are taken as they are.
    case asTheyAre = "as_they_are"
    /// They are divided by their sum.
    case ofSum = "of_sum"
    /// Their softmax is taken.
    case softmax
  }

  /// The shares.
  public struct Options: LossOptions {
    /// What becomes of the relevances.
    public var shares = Shares.asTheyAre
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("shares", \.shares, "what becomes of the relevances")
    ]
  }

  public static let metadata = LossMetadata(
    "ranking_softmax", "The surprise at each item being the best, by its share of relevance.",
    formula: "- Σ q log(exp(prediction) / Σ exp(prediction))",
    domain: "Scores of any size; relevances of at least 0; a target below 0 is padding.",
    references: ["Z. Cao et al., Learning to Rank: From Pairwise to Listwise Approach, 2007"],
    dialectEntries: [
      .optax("ranking_softmax_loss") { selection in
        selection.reduction = Reduction(.mean, whenEmpty: .zero)
      }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// The cross entropy of one list, and its derivatives by the scores.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    guard list.count > 0 else { return 0 }
    let mass = share(list)
    let best = RowMath.maximum(list.scores, count: list.count)
    let sum = RowMath.exponentials(
      list.scores, count: list.count, largest: best, into: list.derivatives)
    var gaps = CompensatedSum()
    for i in 0..<list.count where list.relevance[i] != 0 {
      gaps.add(list.relevance[i] * (best.value - list.scores[i]))
    }
    let others = mass - list.relevance[best.index]
    for i in 0..<list.count {
      list.derivatives[i] = mass * (list.derivatives[i] / sum.total) - list.relevance[i]
    }
    // p - 1 would cancel where p is near 1; it is what the other items have.
    list.derivatives[best.index] = others - mass * (sum.sumExcludingMax / sum.total)
    return mass * sum.logarithm + gaps.value
  }

  /// Makes the relevances shares, and gives their sum.
  func share(_ list: RankedList) -> Double {
    if options.shares == .softmax {
      let best = RowMath.maximum(list.relevance, count: list.count)
      let sum = RowMath.exponentials(
        list.relevance, count: list.count, largest: best, into: list.rest)
      for i in 0..<list.count { list.relevance[i] = list.rest[i] / sum.total }
      return 1
    }
    var sum = CompensatedSum()
    for i in 0..<list.count { sum.add(list.relevance[i]) }
    guard options.shares == .ofSum, sum.value > 0 else { return sum.value }
    for i in 0..<list.count { list.relevance[i] /= sum.value }
    return 1
  }
}
