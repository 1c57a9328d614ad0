public import LossCore

/// Z-loss: the squared log-sum-exp of the logits, which keeps their normaliser near 1.
///
/// Added to a cross entropy, usually as `CrossEntropyLoss() + 1e-4 * ZLoss()`. A mask removes rows of
/// padding from both; `ignore_index` of the cross entropy does not remove them here.
///
/// - Shape: prediction (logits) `[..., class]`; one term per row.
/// - Accuracy: a log-sum-exp is off by some ulp of the largest logit or of 1; the square doubles its
///   relative error.
public struct ZLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "z_loss", "Z-loss: the squared log-sum-exp of the logits, which keeps their normaliser near 1.",
    formula: "(log Σ exp(prediction))²",
    domain: "Logits of any size, one of them above -∞.",
    usage: """
      Language models and routers of mixtures of experts, whose logits otherwise drift and lose digits \
      in half precision. PaLM adds it with the weight 1e-4, ST-MoE with 1e-3 for its routers.
      """,
    related: ["cross_entropy", "linear_cross_entropy", "l2_penalty"],
    alsoKnownAs: ["router_z_loss", "lse_square", "logit_regularization"],
    references: [
      "A. Chowdhery et al., PaLM: Scaling Language Modeling with Pathways, 2022",
      "B. Zoph et al., ST-MoE: Designing Stable and Transferable Sparse Expert Models, 2022",
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.nonNegative, .twiceDifferentiable] }
  public var signature: LossSignature { Self.logits }

  private static let logits = LossSignature(
    .real(.prediction, "... class"), terms: "...", classAxis: "class")

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logits = row[0] else { return 0 }
    let gradient = row.gradient(0)
    let (top, sum) = RowMath.exponentials(logits, count: row.count, into: gradient)
    return Self.term(row, top, sum, gradient)
  }

  /// The term of a row with this largest logit; makes the exponentials a gradient.
  @inline(__always)
  static func term<S: LossScalar>(
    _ row: Row<S>, _ top: S, _ sum: ExponentialSum<S>, _ exponentials: UnsafeMutablePointer<S>?
  ) -> S {
    let logSumExp =
      top.asDouble + Double.log(onePlus: sum.sumExcludingMax / sum.maxExponential)
    if let exponentials {
      // Not multiplied with each other, which would overflow beside a probability of 0.
      let (factor, slope) = (S(2 * row.gradientScale.asDouble / sum.total), S(logSumExp))
      for j in 0..<row.count { exponentials[j] = exponentials[j] * factor * slope }
    }
    return S(logSumExp * logSumExp)
  }

  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  /// `2 p (p + L (1 - p))` with L the log-sum-exp
  public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    guard let logits = row[0], let secondDerivative = row.gradient(0) else { return value }
    let softmax = SoftmaxDirection(logits, nil, count: row.count)
    let scale = 2 * row.gradientScale.asDouble
    for j in 0..<row.count {
      let probability = softmax.classProbability(j)
      let p = probability.p.asDouble
      secondDerivative[j] = S(
        scale * p * (p + softmax.logSumExp * probability.complement.asDouble))
    }
    return value
  }

  public var rolesWithHessianVectorProduct: [Role] { [.prediction] }

  /// `2 p (m + L (v - m))` with m the mean of the vector under p
  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    guard let logits = row[0], let product = row.gradient(0) else { return value }
    let softmax = SoftmaxDirection(logits, row.vector(0), count: row.count)
    let scale = 2 * row.gradientScale.asDouble
    for j in 0..<row.count {
      let change = softmax.changeOfLogSumExp + softmax.logSumExp * softmax.logDerivative(j)
      product[j] = S(scale * softmax.probability(j).asDouble * change)
    }
    return value
  }
}
