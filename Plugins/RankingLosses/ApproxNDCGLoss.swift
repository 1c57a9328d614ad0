public import LossCore

/// 1 − NDCG with ranks approximated by sigmoids of score differences.
///
/// A list of padding alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
public struct ApproxNDCGLoss: ListwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Temperature of the sigmoids.
    public var temperature = 0.1
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "temperature of the sigmoids")
    ]
  }

  public static let metadata = LossMetadata(
    "approx_ndcg", "1 − NDCG with ranks approximated by sigmoids of score differences.",
    formula: """
      1 - (Σ (2^target - 1) / log2(1 + rank)) / (ideal DCG)
      rank_i = 1 + Σ_{j ≠ i} 1 / (1 + exp((prediction_i - prediction_j) / temperature))
      """,
    domain: """
      Real scores, relevances of at least 0; a target below 0 is padding. A list without a \
      relevant item has term 0.
      """,
    usage: """
      Direct optimisation of NDCG with smooth ranks. neural_ndcg relaxes the sorting instead, \
      lambda optimises a bound.
      """,
    related: ["neural_ndcg", "lambda", "ranking_softmax"],
    references: [
      "T. Qin, T.-Y. Liu and H. Li, A General Approximation Framework for Direct "
        + "Optimization of Information Retrieval Measures, 2010"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.twiceDifferentiable] }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let ideal = list.idealGain(most: list.count)
    guard ideal > 0 else { return 0 }
    var sum = CompensatedSum()
    for i in 0..<list.count where list.relevance[i] > 0 {
      var rank = 1.0
      for j in 0..<list.count where j != i {
        rank += Double.sigmoid((list.scores[j] - list.scores[i]) / options.temperature)
      }
      let discount = RankedList.discount(rank)
      let gain = list.gain(i) / ideal
      sum.add(gain / discount)
      addGradients(i, gain * 1.4426950408889634 / (discount * discount * (1 + rank)), list)
    }
    return 1 - sum.value
  }

  /// Adds the derivatives of one rank with respect to every score.
  func addGradients(_ i: Int, _ derivative: Double, _ list: RankedList) {
    for j in 0..<list.count where j != i {
      let logit = (list.scores[j] - list.scores[i]) / options.temperature
      let step = derivative * Double.sigmoid(logit) * Double.sigmoid(-logit) / options.temperature
      list.derivatives[j] += step
      list.derivatives[i] -= step
    }
  }
}
