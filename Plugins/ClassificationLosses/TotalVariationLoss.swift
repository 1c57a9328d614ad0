public import LossCore

/// Total variation distance of two distributions: half their L1 distance.
public struct TotalVariationLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "total_variation", "Total variation distance of two distributions: half their L1 distance.",
    formula: "½ Σ |prediction - target|",
    domain: "Probabilities from 0 to 1, and any other real number. NaN gives NaN.",
    gradient: "0 for a class whose two probabilities are equal.",
    usage: """
      A bounded, symmetric distance between distributions, as a metric or for distillation; \
      kl_divergence is the usual training loss. It is not the total variation penalty of images.
      """,
    related: ["jensen_shannon", "kl_divergence", "mean_absolute_error"],
    alsoKnownAs: ["tv", "tv_distance"],
    references: ["D. A. Levin, Y. Peres and E. L. Wilmer, Markov Chains and Mixing Times, 2009"])
  private static let rows = LossSignature(
    .real(.prediction, "... class", .distribution), .real(.target, "... class", .distribution),
    terms: "...", classAxis: "class")

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .symmetric, .zeroAtTarget] }
  public var signature: LossSignature { Self.rows }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    for (input, sign) in [(0, S(0.5)), (1, S(-0.5))] {
      guard let gradient = row.gradient(input) else { continue }
      let derivative = sign * row.gradientScale
      for j in 0..<row.count {
        let residual = prediction[j] - target[j]
        // NaN fails both comparisons and is kept.
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
