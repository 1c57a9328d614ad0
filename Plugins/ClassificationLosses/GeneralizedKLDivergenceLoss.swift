public import LossCore
import LossDialects

/// How much predicted amounts differ from the true ones, where neither has to add up to 1.
///
///     Σ (target log(target / prediction) - target + prediction)
///
/// It is the relative entropy where both add up to the same, and at least 0 in any case.
///
/// - Shape: prediction and target `[..., class]`, equal; one term a row.
/// - Domain: amounts of at least 0, or the logarithms of the prediction down to -∞; `0 log 0 = 0`. A
///   prediction of 0 where the target is above 0 gives infinity.
/// - Accuracy: where the two are close nothing cancels.
/// - Gradient: `1 - target / prediction`, or `prediction - target` for a logarithm; for the target
///   `log(target / prediction)`, 0 where the target is 0.
/// - Reference: L. M. Bregman, "The Relaxation Method of Finding the Common Point of Convex Sets",
///   1967; I. Csiszár's I-divergence.
public struct GeneralizedKLDivergenceLoss: RowwiseLoss {
  /// What the prediction is.
  public struct Options: LossOptions {
    /// Whether the prediction holds logarithms.
    public var logPrediction = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_prediction", \.logPrediction, "whether prediction holds logarithms")
    ]
  }

  public static let metadata = LossMetadata(
    "generalized_kl_divergence", "How much amounts differ that need not add up to 1.",
    formula: "Σ (target log(target / prediction) - target + prediction)",
    domain: "Amounts of at least 0, or logarithms for the prediction; 0 log 0 is 0.",
    references: ["L. M. Bregman, The Relaxation Method of Finding the Common Point, 1967"],
    dialectEntries: [
      .optax(
        "generalized_kl_divergence", "convex_kl_divergence", options: [.classAxis()],
        overrides: ["log_prediction": true])
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
  /// Two lists of amounts a row.
  public var signature: LossSignature { options.logPrediction ? Self.logAmounts : Self.amounts }

  /// The divergence of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    options.logPrediction ? ofLogarithms(row) : ofAmounts(row)
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
        // An amount that overflows is more than any target takes from it.
        terms[j] = S.select(amount == .infinity, amount, term)
      }
    }
    return S(sum.value)
  }
}
