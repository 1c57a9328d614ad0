public import LossCore

/// One minus NDCG, with ranks that change smoothly with the scores.
///
///     1 - (Σ (2^relevance - 1) / log2(1 + rank)) / (the largest such sum of any order)
///     rank_i = 1 + Σ_{j ≠ i} 1 / (1 + exp((prediction_i - prediction_j) / temperature))
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask. A list of relevances 0 has the term 0.
/// - Gradient: of the formula, through every rank.
/// - Reference: T. Qin, T.-Y. Liu and H. Li, "A General Approximation Framework for Direct
///   Optimization of Information Retrieval Measures", 2010.
public struct ApproxNDCGLoss: ListwiseLoss {
  /// The temperature.
  public struct Options: LossOptions {
    /// Over which difference of scores a rank changes.
    public var temperature = 0.1
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "over which difference a rank changes")
    ]
  }

  public static let metadata = LossMetadata(
    "approx_ndcg", "One minus NDCG, with ranks that change smoothly with the scores.",
    formula: """
      1 - (Σ (2^target - 1) / log2(1 + rank)) / (the largest such sum of any order)
      rank_i = 1 + Σ_{j ≠ i} 1 / (1 + exp((prediction_i - prediction_j) / temperature))
      """,
    domain: "Scores of any size; relevances of at least 0; a target below 0 is padding.",
    references: [
      "T. Qin et al., A General Approximation Framework for Information Retrieval Measures, 2010"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.twiceDifferentiable] }

  /// One minus the smooth NDCG of one list, and its derivatives by the scores.
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

  /// Adds what a rank does to every score.
  func addGradients(_ i: Int, _ derivative: Double, _ list: RankedList) {
    for j in 0..<list.count where j != i {
      let lead = (list.scores[j] - list.scores[i]) / options.temperature
      let step = derivative * Double.sigmoid(lead) * Double.sigmoid(-lead) / options.temperature
      list.derivatives[j] += step
      list.derivatives[i] -= step
    }
  }
}
