public import LossCore
import LossDialects

/// Mean sigmoid cross entropy over the classes of a multi-label target.
public struct MultilabelSoftMarginLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Weight of each class; empty for 1 each.
    public var classWeights: [Double] = []
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .numbers(
        "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each")
    ]
  }

  public static let metadata = LossMetadata(
    "multilabel_soft_margin",
    "Mean sigmoid cross entropy over the classes of a multi-label target.",
    formula: """
      Σ w (t log(1 + e^-x) + (1 - t) log(1 + e^x)) / classes
      x = prediction,  t = target,  w = class_weights
      """,
    domain: """
      Logits of any size; a target from 0 to 1. NaN gives \
      NaN; where a factor is 0, an infinite logit adds 0.
      """,
    usage: """
      Multi-label classification with one term per sample, weighted by class. binary_cross_entropy \
      has one term per label and takes soft labels, probabilities and smoothing.
      """,
    related: ["binary_cross_entropy", "multilabel_margin", "soft_margin"],
    references: ["PyTorch, MultiLabelSoftMarginLoss"],
    dialectEntries: [
      .torch(
        "multilabel_soft_margin_loss", class: "MultiLabelSoftMarginLoss",
        options: [.torchClassWeight]
      ).followed(by: .weight)
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... class"), .real(.target, "... class", .probability), terms: "...",
    classAxis: "class")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }
  public var signature: LossSignature { Self.rows }
  public func check(classCount: Int) throws(LossError) {
    try checkWeights(options.classWeights, classCount)
  }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logits = row[0], let target = row[1] else { return 0 }
    let formula = LogitCrossEntropy(BinaryCrossEntropyLoss.Options())
    let factor = row.gradientScale / S(row.count)
    if let gradient = row.gradient(0) {
      for j in 0..<row.count { gradient[j] = formula.derivative(logits[j], target[j]).0 }
      for j in 0..<row.count { gradient[j] *= factor }
      weigh(gradient, from: 0, count: row.count)
    }
    if let gradient = row.gradient(1) {
      for j in 0..<row.count { gradient[j] = -factor * logits[j] }
      weigh(gradient, from: 0, count: row.count)
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      let (logits, target) = (logits + start, target + start)
      for j in 0..<count { terms[j] = formula.value(logits[j], target[j]) }
      weigh(terms, from: start, count: count)
    }
    return S(sum.value / Double(row.count))
  }

  /// Multiplies numbers of the classes from an index on by their weights.
  @inline(__always)
  private func weigh<S: LossScalar>(
    _ numbers: UnsafeMutablePointer<S>, from start: Int, count: Int
  ) {
    guard !options.classWeights.isEmpty else { return }
    options.classWeights.withUnsafeBufferPointer { weights in
      for j in 0..<count { numbers[j] *= S(weights[start + j]) }
    }
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    guard let logits = row[0] else { return value }
    let factor = row.gradientScale / S(row.count)
    let (u, v) = (row.vector(0), row.vector(1))
    for j in 0..<row.count {
      let weight = options.classWeights.isEmpty ? 1 : S(options.classWeights[j])
      let (ofPrediction, ofTarget) = (u?[j] ?? 0, v?[j] ?? 0)
      let curvature = S.sigmoid(logits[j]) * S.sigmoid(-logits[j])
      row.gradient(0)?[j] = factor * weight * (curvature * ofPrediction - ofTarget)
      row.gradient(1)?[j] = -factor * weight * ofPrediction
    }
    return value
  }

  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S {
    // This also writes the gradient, into the memory that is overwritten below.
    let value = term(row)
    guard let secondDerivative = row.gradient(0), let logits = row[0] else { return value }
    let factor = row.gradientScale / S(row.count)
    for j in 0..<row.count {
      let weight = options.classWeights.isEmpty ? 1 : S(options.classWeights[j])
      secondDerivative[j] = factor * weight * S.sigmoid(logits[j]) * S.sigmoid(-logits[j])
    }
    return value
  }
}
