public import LossCore
import LossDialects

/// Generalised KL divergence (I-divergence) of amounts that need not sum to 1.
///
/// Terms are at least 0, and nothing cancels where prediction and target are close.
public struct GeneralizedKLDivergenceLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether prediction holds logarithms.
    public var logPrediction = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_prediction", \.logPrediction, "whether prediction holds logarithms")
    ]
  }

  public static let metadata = LossMetadata(
    "generalized_kl_divergence",
    "Generalised KL divergence (I-divergence) of amounts that need not sum to 1.",
    formula: "Σ (target log(target / prediction) - target + prediction)",
    domain: """
      Amounts of at least 0; the prediction may hold logarithms, down to -∞. 0 \
      log 0 is 0, and a prediction of 0 for a target above 0 gives infinity.
      """,
    gradient: "0 with respect to a target of 0, where the derivative is infinite.",
    usage: """
      Non-negative data without a fixed sum, such as spectrograms or \
      counts in matrix factorisation. Use kl_divergence for distributions; \
      poisson_nll has the same gradient for the prediction.
      """,
    related: ["kl_divergence", "poisson_nll", "jensen_shannon"],
    alsoKnownAs: ["i_divergence", "generalized_kl"],
    references: [
      "L. M. Bregman, The Relaxation Method of Finding the Common Point of Convex Sets, 1967"
    ],
    dialectEntries: [
      .optax(
        "generalized_kl_divergence", "convex_kl_divergence", options: [.classAxes, .optaxWhere],
        overrides: ["log_prediction": true]
      ).masking([.prediction: -.infinity, .target: 0])
    ])
  private static let amounts = LossSignature(
    .real(.prediction, "... class", .nonNegative), .real(.target, "... class", .nonNegative),
    terms: "...", classAxis: "class")
  private static let logAmounts = LossSignature(
    .real(.prediction, "... class"), .real(.target, "... class", .nonNegative), terms: "...",
    classAxis: "class")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    options.logPrediction
      ? [.convex, .nonNegative, .twiceDifferentiable] : [.convex, .nonNegative, .zeroAtTarget]
  }
  public var signature: LossSignature { options.logPrediction ? Self.logAmounts : Self.amounts }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    options.logPrediction ? ofLogarithms(row) : ofAmounts(row)
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  /// The gradients are `1 - t / p` and `log(t / p)`, of logarithms `exp(x) - t` and `log t - x`.
  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    guard let prediction = row[0], let target = row[1] else { return value }
    let (scale, u, v) = (row.gradientScale, row.vector(0), row.vector(1))
    for j in 0..<row.count {
      let (p, t, ofPrediction, ofTarget) = (prediction[j], target[j], u?[j] ?? 0, v?[j] ?? 0)
      let change = t == 0 || ofTarget == 0 ? 0 : ofTarget / t
      if options.logPrediction {
        let own = ofPrediction == 0 ? 0 : S.exp(p) * ofPrediction
        row.gradient(0)?[j] = scale * (own - ofTarget)
        row.gradient(1)?[j] = t == 0 ? 0 : scale * (change - ofPrediction)
      } else {
        let relative = ofPrediction == 0 ? 0 : ofPrediction / p
        row.gradient(0)?[j] = t == 0 ? 0 : scale * (t * relative - ofTarget) / p
        row.gradient(1)?[j] = t == 0 ? 0 : scale * (change - relative)
      }
    }
    return value
  }

  func ofAmounts<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let derivative = (prediction[j] - target[j]) / prediction[j]
        gradient[j] = row.gradientScale * S.select(target[j] == 0, 1, derivative)
      }
    }
    if let gradient = row.gradient(1) {
      for j in 0..<row.count {
        let derivative = S.logRatio(target[j], prediction[j])
        gradient[j] = row.gradientScale * S.select(target[j] == 0, 0, derivative)
      }
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        terms[j] = S.relativeEntropy(target[start + j], prediction[start + j])
      }
    }
    return S(sum.value)
  }

  func ofLogarithms<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logs = row[0], let target = row[1] else { return 0 }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count { gradient[j] = row.gradientScale * (S.exp(logs[j]) - target[j]) }
    }
    if let gradient = row.gradient(1) {
      for j in 0..<row.count {
        let derivative = S.log(target[j]) - logs[j]
        gradient[j] = row.gradientScale * S.select(target[j] == 0, 0, derivative)
      }
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        let (t, log) = (target[start + j], logs[start + j])
        let amount = S.exp(log)
        let term = S.relativeEntropy(t, amount, logRatio: log - S.log(t))
        // An amount that overflows exceeds every target.
        terms[j] = S.select(amount == .infinity, amount, term)
      }
    }
    return S(sum.value)
  }
}
