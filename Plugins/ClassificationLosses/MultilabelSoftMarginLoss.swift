public import LossCore
import LossDialects

/// The mean over the classes of the binary cross entropies of their logits: any number of classes
/// may be true.
///
///     1 / C Σ w (t log(1 + e^-x) + (1 - t) log(1 + e^x))
///
/// - Shape: prediction and target `[..., class]`, equal; one term a row.
/// - Domain: logits of any size; a target from 0 to 1; NaN gives NaN. The factor 0 of an infinite
///   logit's cost removes it.
/// - Gradient: `w (σ(x) - t) / C`; for the target `- w x / C`.
/// - Reference: PyTorch `MultiLabelSoftMarginLoss`.
public struct MultilabelSoftMarginLoss: RowwiseLoss {
  /// What each class weighs.
  public struct Options: LossOptions {
    /// What each class weighs; empty for 1 each.
    public var classWeights: [Double] = []
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs")
    ]
  }

  public static let metadata = LossMetadata(
    "multilabel_soft_margin", "The mean over the classes of the binary cross entropies of logits.",
    formula: "Σ w (target log(1 + e^-prediction) + (1 - target) log(1 + e^prediction)) / classes",
    domain: "Logits of any size; a target from 0 to 1.",
    references: ["PyTorch, MultiLabelSoftMarginLoss"],
    dialectEntries: [
      .torch(
        "multilabel_soft_margin_loss", class: "MultiLabelSoftMarginLoss",
        options: [.torchClassWeight])
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... class"), .real(.target, "... class", .probability), terms: "...",
    classAxis: "class")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }
  /// Logits and labels with a class axis.
  public var signature: LossSignature { Self.rows }
  /// One weight for each class.
  public func check(classCount: Int) throws(LossError) {
    try checkWeights(options.classWeights, classCount)
  }

  /// The term of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logits = row[0], let target = row[1] else { return 0 }
    let weights = options.classWeights
    let factor = row.gradientScale / S(row.count)
    if let gradient = row.gradient(0) {
      for j in 0..<row.count { gradient[j] = factor }
      if !weights.isEmpty { for j in 0..<row.count { gradient[j] *= S(weights[j]) } }
      for j in 0..<row.count {
        // σ - t would cancel where both are near 1.
        let (x, t) = (logits[j], target[j])
        gradient[j] *= (1 - t) * S.sigmoid(x) - t * S.sigmoid(-x)
      }
    }
    if let gradient = row.gradient(1) {
      for j in 0..<row.count { gradient[j] = -factor }
      if !weights.isEmpty { for j in 0..<row.count { gradient[j] *= S(weights[j]) } }
      for j in 0..<row.count { gradient[j] *= logits[j] }
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        let (x, t) = (logits[start + j], target[start + j])
        let positive = S.select(t == 0, 0, t * S.log1pExp(-x))
        let negative = S.select(t == 1, 0, (1 - t) * S.log1pExp(x))
        terms[j] = positive + negative
      }
      if !weights.isEmpty { for j in 0..<count { terms[j] *= S(weights[start + j]) } }
    }
    return S(sum.value / Double(row.count))
  }

  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  /// The term of one row, and `w σ(x) σ(-x) / C`.
  public func secondDerivativeTerm<S: LossScalar>(_ row: Row<S>) -> S {
    // The term leaves its gradient, which is not wanted, in the places that are written next.
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
