public import LossCore

/// One minus NDCG, with items sorted by the softmax of NeuralSort instead of by rank.
///
///     1 - (Σ_r (Σ_j P_rj (2^relevance_j - 1)) / log2(1 + r)) / (the largest such sum of any order)
///     P_r = softmax(((n + 1 - 2 r) prediction_j - Σ_k |prediction_j - prediction_k|) / temperature)
///
/// - Shape: prediction and target `[..., item]`, equal; the class axis is the item axis; one term a
///   list.
/// - Domain: scores of any size; relevances of at least 0. An item with a target below 0 is padding;
///   a list of nothing else is removed, as by a mask. A list of relevances 0 has the term 0. The rows
///   of `P` are not scaled further (allRank makes its columns sum to 1 as well).
/// - Gradient: of the formula; two equal scores pull each other by 0.
/// - Reference: P. Pobrotyn and R. Białobrzeski, "NeuralNDCG", 2021; A. Grover et al., "Stochastic
///   Optimization of Sorting Networks via Continuous Relaxations", 2019.
public struct NeuralNDCGLoss: ListwiseLoss {
  /// The temperature.
  public struct Options: LossOptions {
    /// How soft the sorting is.
    public var temperature = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "how soft the sorting is")
    ]
  }

  public static let metadata = LossMetadata(
    "neural_ndcg", "One minus NDCG, with items sorted by NeuralSort.",
    formula: """
      1 - (Σ_r (Σ_j P_rj (2^target_j - 1)) / log2(1 + r)) / (the largest such sum of any order)
      P_r = softmax(((n + 1 - 2 r) prediction_j - Σ_k |prediction_j - prediction_k|) / temperature)
      """,
    domain: "Scores of any size; relevances of at least 0; a target below 0 is padding.",
    references: [
      "P. Pobrotyn and R. Białobrzeski, NeuralNDCG, 2021",
      "A. Grover et al., Stochastic Optimization of Sorting Networks, 2019",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// Room for a list, and for a row of its soft permutation.
  public func workspaceCount(length: Int) -> Int {
    RankedList.workspaceCount(length: length) + 2 * length
  }

  /// One minus the soft NDCG of one list, and its derivatives by the scores.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let ideal = list.idealGain(most: list.count)
    guard ideal > 0 else { return 0 }
    let gains = list.rest
    let spread = gains + list.capacity
    let pulls = spread + list.capacity
    let logits = pulls + list.capacity
    let shares = logits + list.capacity
    prepare(list, ideal, gains, spread, pulls)
    var sum = CompensatedSum()
    for rank in 1...list.count {
      let factor = Double(list.count + 1 - 2 * rank)
      for j in 0..<list.count {
        logits[j] = (factor * list.scores[j] - spread[j]) / options.temperature
      }
      let best = RowMath.maximum(logits, count: list.count)
      let total = RowMath.exponentials(logits, count: list.count, largest: best, into: shares).total
      var gain = 0.0
      for j in 0..<list.count { gain += shares[j] / total * gains[j] }
      let discount = RankedList.discount(Double(rank))
      sum.add(gain / discount)
      for j in 0..<list.count {
        let step = shares[j] / total * (gains[j] - gain) / discount / options.temperature
        list.derivatives[j] -= factor * step
        pulls[j] += step
      }
    }
    addSortGradient(list, pulls)
    return 1 - sum.value
  }

  /// The gains, and how far each score lies from all others together.
  func prepare(
    _ list: RankedList, _ ideal: Double, _ gains: UnsafeMutablePointer<Double>,
    _ spread: UnsafeMutablePointer<Double>, _ pulls: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<list.count {
      gains[j] = list.gain(j) / ideal
      pulls[j] = 0
      var sum = 0.0
      for k in 0..<list.count { sum += (list.scores[j] - list.scores[k]).magnitude }
      spread[j] = sum
    }
  }

  /// Adds what the distances between scores do to every score.
  func addSortGradient(_ list: RankedList, _ pulls: UnsafeMutablePointer<Double>) {
    for j in 0..<list.count {
      for k in 0..<list.count where list.scores[j] != list.scores[k] {
        let sign: Double = list.scores[j] > list.scores[k] ? 1 : -1
        list.derivatives[j] += sign * pulls[j]
        list.derivatives[k] -= sign * pulls[j]
      }
    }
  }
}
