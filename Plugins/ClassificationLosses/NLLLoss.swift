public import LossCore
import LossDialects

/// The negative logarithm of the true class's probability, where the logarithms are given.
///
///     - Σ w t prediction
///
/// It is cross entropy behind a log-softmax that somebody else has computed.
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices, or `[..., class]` one-hot or
///   probabilities; one term a row.
/// - Domain: logarithms of probabilities, down to -∞; `0 · -∞ = 0`. Nothing checks that they add up.
/// - Gradient: `- w t`; for a dense target `- w prediction`, 0 where it is 0 times infinity.
/// - Reference: PyTorch `NLLLoss`.
public struct NLLLoss: ClassWeightedLoss {
  /// What each class weighs, and what is left out.
  public struct Options: LossOptions {
    /// What each class weighs; empty for 1 each.
    public var classWeights: [Double] = []
    /// A class index whose rows do not count.
    public var ignoreIndex: Int?
    /// In which form the target is taken.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
      .integer("ignore_index", \.ignoreIndex, "a class index whose rows do not count"),
      .choice("targets", \.targets, "in which form the target is taken"),
    ]
  }

  public static let metadata = LossMetadata(
    "nll", "The negative logarithm of the true class's probability, from logarithms.",
    formula: "- Σ w target prediction", domain: "Logarithms of probabilities.",
    references: ["PyTorch, NLLLoss"],
    dialectEntries: [
      .torchRows(
        "nll_loss", class: "NLLLoss", options: [.torchClassWeight, .same("ignore_index")],
        overrides: ["ignore_index": -100, "targets": "indices"]
      ) { $0.divideByWeights() },
      .mlx("nll_loss", options: [.classAxis()], overrides: ["targets": "indices"]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  /// Logarithms with a class axis; indices or numbers for target.
  public var signature: LossSignature { options.targets.logSignature }
  /// The class index whose rows are removed.
  public var ignoredClass: Int? { options.ignoreIndex }
  /// What each class weighs.
  public var classWeights: [Double] { options.classWeights }

  /// The term of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logs = row[0] else { return 0 }
    let targets = ClassTargets(row, weights: options.classWeights)
    if let gradient = row.gradient(0) {
      for j in 0..<row.count { gradient[j] = -row.gradientScale * targets.weight(of: j) }
    }
    if let index = targets.index {
      let weight = targets.classWeight(index)
      return weight == 0 ? 0 : -weight * logs[index]
    }
    if let gradient = row.gradient(1), let target = row[1] {
      for j in 0..<row.count {
        let isOut = target[j] == 0 && logs[j] == -.infinity
        gradient[j] = isOut ? 0 : -row.gradientScale * targets.classWeight(j) * logs[j]
      }
    }
    return S(targets.sums(count: row.count, of: 0, minus: logs).sum)
  }
}
