public import LossCore

/// 1 − NDCG with items sorted by the relaxed permutation of NeuralSort.
///
/// The columns of P are not normalised; allRank makes them sum to 1 as well. A list of padding
/// alone is removed, as by a mask.
///
/// - Shape: prediction (scores) and target (relevances) `[..., item]`; one term per list.
public struct NeuralNDCGLoss: ListwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Temperature of the softmax that sorts.
    public var temperature = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "temperature of the softmax that sorts")
    ]
  }

  public static let metadata = LossMetadata(
    "neural_ndcg", "1 − NDCG with items sorted by the relaxed permutation of NeuralSort.",
    formula: """
      1 - (Σ_r (Σ_j P_rj (2^target_j - 1)) / log2(1 + r)) / (ideal DCG)
      P_r = softmax(((n + 1 - 2 r) prediction_j - Σ_k |prediction_j - prediction_k|) / temperature)
      """,
    domain: """
      Real scores, relevances of at least 0; a target below 0 is padding. A list without a \
      relevant item has term 0.
      """,
    gradient: "|prediction_j - prediction_k| has derivative 0 for equal scores.",
    usage: """
      Direct optimisation of NDCG with a differentiable sort. approx_ndcg approximates the ranks \
      instead, lambda optimises a bound.
      """,
    related: ["approx_ndcg", "lambda", "ranking_softmax"],
    references: [
      "P. Pobrotyn and R. Białobrzeski, NeuralNDCG, 2021",
      "A. Grover et al., Stochastic Optimization of Sorting Networks via Continuous "
        + "Relaxations, 2019",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public func workspaceCount(length: Int) -> Int {
    RankedList.workspaceCount(length: length) + 2 * length
  }

  /// The loss of one list; adds its derivatives to those of the list.
  public func loss<S: LossScalar>(of list: RankedList, in row: Row<S>) -> Double {
    let ideal = list.idealGain(most: list.count)
    guard ideal > 0 else { return 0 }
    let gains = list.scratch
    let distanceSums = gains + list.capacity
    let distanceDerivatives = distanceSums + list.capacity
    let logits = distanceDerivatives + list.capacity
    let exponentials = logits + list.capacity
    prepare(list, ideal, gains, distanceSums, distanceDerivatives)
    var sum = CompensatedSum()
    for rank in 1...list.count {
      let factor = Double(list.count + 1 - 2 * rank)
      for j in 0..<list.count {
        logits[j] = (factor * list.scores[j] - distanceSums[j]) / options.temperature
      }
      let largest = RowMath.maximum(logits, count: list.count)
      let total = RowMath.exponentials(
        logits, count: list.count, largest: largest, into: exponentials
      ).total
      var gain = 0.0
      for j in 0..<list.count { gain += exponentials[j] / total * gains[j] }
      let discount = RankedList.discount(Double(rank))
      sum.add(gain / discount)
      for j in 0..<list.count {
        let step = exponentials[j] / total * (gains[j] - gain) / discount / options.temperature
        list.derivatives[j] -= factor * step
        distanceDerivatives[j] += step
      }
    }
    addSortGradient(list, distanceDerivatives)
    return 1 - sum.value
  }

  /// Computes the gains and, for each score, the sum of its distances to all others.
  func prepare(
    _ list: RankedList, _ ideal: Double, _ gains: UnsafeMutablePointer<Double>,
    _ distanceSums: UnsafeMutablePointer<Double>,
    _ distanceDerivatives: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<list.count {
      gains[j] = list.gain(j) / ideal
      distanceDerivatives[j] = 0
      var sum = 0.0
      for k in 0..<list.count { sum += (list.scores[j] - list.scores[k]).magnitude }
      distanceSums[j] = sum
    }
  }

  /// Adds the derivatives of the distance sums with respect to every score.
  func addSortGradient(_ list: RankedList, _ distanceDerivatives: UnsafeMutablePointer<Double>) {
    for j in 0..<list.count {
      for k in 0..<list.count where list.scores[j] != list.scores[k] {
        let sign: Double = list.scores[j] > list.scores[k] ? 1 : -1
        list.derivatives[j] += sign * distanceDerivatives[j]
        list.derivatives[k] -= sign * distanceDerivatives[j]
      }
    }
  }
}
