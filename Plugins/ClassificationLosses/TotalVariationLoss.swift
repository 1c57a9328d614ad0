public import LossCore

/// The largest difference of the probabilities that two distributions give to one event.
///
///     ½ Σ |prediction - target|
///
/// - Shape: prediction and target `[..., class]`, equal; one term a row.
/// - Domain: probabilities from 0 to 1, and any other number; NaN gives NaN.
/// - Gradient: ½ with the sign of the difference, 0 where the two are equal.
/// - Reference: D. A. Levin, Y. Peres and E. L. Wilmer, "Markov Chains and Mixing Times", 2009,
///   proposition 4.2.
public struct TotalVariationLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "total_variation", "The largest difference of what two distributions give to one event.",
    formula: "½ Σ |prediction - target|",
    domain: "Probabilities from 0 to 1. The gradient is 0 where the two are equal.",
    references: ["D. A. Levin, Y. Peres and E. L. Wilmer, Markov Chains and Mixing Times, 2009"])
  private static let rows = LossSignature(
    .real(.prediction, "... class", .distribution), .real(.target, "... class", .distribution),
    terms: "...", classAxis: "class")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .symmetric, .zeroAtTarget] }
  /// Two distributions a row.
  public var signature: LossSignature { Self.rows }

  /// The distance of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    for (place, sign) in [(0, S(0.5)), (1, S(-0.5))] {
      guard let gradient = row.gradient(place) else { continue }
      let derivative = sign * row.gradientScale
      for j in 0..<row.count {
        let residual = prediction[j] - target[j]
        // NaN is neither above nor below zero: it falls through and stays.
        gradient[j] = S.select(
          residual > 0, derivative, S.select(residual < 0, -derivative, residual))
      }
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count { terms[j] = (prediction[start + j] - target[start + j]).magnitude }
    }
    return S(sum.value / 2)
  }
}
