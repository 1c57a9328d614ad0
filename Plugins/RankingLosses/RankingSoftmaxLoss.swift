public import LossCore
import LossDialects

/// Listwise softmax cross entropy of scores and relevances.
///
/// `q` in the formula is the relevance, its share of the sum, or its softmax. A list of padding
/// alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
public struct RankingSoftmaxLoss: ListwiseLoss {
  /// The normalisation of the relevances.
  public enum Shares: String, OptionChoice {
    /// No normalisation.
    case asTheyAre = "as_they_are"
    /// Division by their sum.
    case ofSum = "of_sum"
    /// Softmax, as in ListNet.
    case softmax
  }

  /// Options of the loss.
  public struct Options: LossOptions {
    /// Normalisation of the relevances.
    public var shares = Shares.asTheyAre
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("shares", \.shares, "normalisation of the relevances")
    ]
  }

  public static let metadata = LossMetadata(
    "ranking_softmax", "Listwise softmax cross entropy of scores and relevances.",
    formula: "- Σ q log(exp(prediction) / Σ exp(prediction))",
    domain: """
      Real scores, relevances of at least 0; a target below 0 is padding. A list without a \
      relevant item has term 0, except with softmax shares.
      """,
    usage: """
      Listwise learning to rank from graded relevances. With softmax shares it is ListNet; \
      list_mle uses only the order of the relevances.
      """,
    related: ["list_mle", "ranknet", "approx_ndcg", "cross_entropy"],
    alsoKnownAs: ["listnet"],
    references: [
      "Z. Cao et al., Learning to Rank: From Pairwise Approach to Listwise Approach, 2007"
    ],
    dialectEntries: [
      .optax(
        "ranking_softmax_loss",
        options: [.optaxWhere, .input("weights", as: "weights"), .reduceFunction]
      ) { resolution in
        if !resolution.given.contains("reduce_fn") { resolution.reduction = .mean }
        resolution.reduction?.whenEmpty = .zero
      }.masking([.target: -1]).naming(DialectArgument("weights", "weights"))
        .preparing(.itemWeights)
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    guard list.count > 0 else { return 0 }
    let relevanceSum = normalize(list)
    let largest = RowMath.maximum(list.scores, count: list.count)
    let sum = RowMath.exponentials(
      list.scores, count: list.count, largest: largest, into: list.derivatives)
    var differences = CompensatedSum()
    for i in 0..<list.count where list.relevance[i] != 0 {
      differences.add(-list.relevance[i] * Double.distance(of: list.scores[i], to: largest.value))
    }
    if list.order == .hessianVectorProduct {
      writeProducts(list, relevanceSum / sum.total, total: sum.total, origin: largest.index)
      return relevanceSum * sum.logarithm + differences.value
    }
    let others = relevanceSum - list.relevance[largest.index]
    for i in 0..<list.count {
      list.derivatives[i] = relevanceSum * (list.derivatives[i] / sum.total) - list.relevance[i]
    }
    // p - 1 would cancel where p is near 1: it is minus the probability of the other items.
    list.derivatives[largest.index] = others - relevanceSum * (sum.sumExcludingMax / sum.total)
    return relevanceSum * sum.logarithm + differences.value
  }

  /// Turns exponentials into `factor e_i (v_i - Σ p v)`, with the vector relative to its number at
  /// the largest score, where nothing cancels.
  private func writeProducts(
    _ list: RankedList, _ factor: Double, total: Double, origin: Int
  ) {
    var sum = CompensatedSum()
    let numberOfLargest = list.vector[origin]
    for i in 0..<list.count { list.vector[i] -= numberOfLargest }
    for i in 0..<list.count { sum.add(list.derivatives[i] * list.vector[i]) }
    let mean = sum.value / total
    for i in 0..<list.count { list.derivatives[i] *= factor * (list.vector[i] - mean) }
  }

  /// Normalises the relevances; returns their sum.
  func normalize(_ list: RankedList) -> Double {
    if options.shares == .softmax {
      let largest = RowMath.maximum(list.relevance, count: list.count)
      let sum = RowMath.exponentials(
        list.relevance, count: list.count, largest: largest, into: list.scratch)
      for i in 0..<list.count { list.relevance[i] = list.scratch[i] / sum.total }
      return 1
    }
    var sum = CompensatedSum()
    for i in 0..<list.count { sum.add(list.relevance[i]) }
    guard options.shares == .ofSum, sum.value > 0 else { return sum.value }
    for i in 0..<list.count { list.relevance[i] /= sum.value }
    return 1
  }
}

extension DialectOption {
  /// Optax's reduction of the lists, by its name.
  static let reduceFunction = DialectOption.reduction(
    ["mean": .mean, "sum": .sum], named: "reduce_fn", null: .unreduced)
}

extension DialectPreparation {
  /// Optax's weight of each item, a factor of its relevance.
  static let itemWeights = DialectPreparation { _, _ in
    false
  } apply: { (call) throws(LossError) in
    guard let weights = call.inputs["weights"], let target = call.inputs[.target] else { return }
    try call.expand("weights", to: target.shape)
    let factors = call.inputs["weights"]?.doubles ?? weights.doubles
    let relevances = zip(target.doubles, factors).map { $0.0 < 0 ? $0.0 : $0.0 * $0.1 }
    call.inputs["weights"] = nil
    call.inputs[.target] = try AnyTensor(Tensor(shape: target.shape, scalars: relevances))
  }
}
