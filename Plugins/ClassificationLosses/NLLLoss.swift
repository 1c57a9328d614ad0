public import LossCore
import LossDialects

/// Negative log-likelihood of the true class, from log-probabilities.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
public struct NLLLoss: ClassWeightedLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Weight of each class; empty for 1 each.
    public var classWeights: [Double] = []
    /// Class index whose rows are removed.
    public var ignoreIndex: Int?
    /// Accepted form of the target.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .numbers(
        "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each"),
      .integer("ignore_index", \.ignoreIndex, "class index whose rows are removed"),
      .choice("targets", \.targets, "accepted form of the target"),
    ]
  }

  public static let metadata = LossMetadata(
    "nll", "Negative log-likelihood of the true class, from log-probabilities.",
    formula: "- Σ w target prediction    with w = class_weights",
    domain: "Log-probabilities, down to -∞; 0 · -∞ is 0. They need not be normalised.",
    gradient: "With respect to a dense target, 0 where the target is 0 and the log-probability -∞.",
    usage: """
      Models whose last layer is a log-softmax. cross_entropy applies the \
      log-softmax itself and is preferable if the logits are available.
      """,
    related: ["cross_entropy", "linear_cross_entropy", "kl_divergence"],
    alsoKnownAs: ["negative_log_likelihood"],
    references: ["PyTorch, NLLLoss"],
    dialectEntries: [
      .torchRows(
        "nll_loss", class: "NLLLoss", options: [.torchClassWeight, .same("ignore_index")],
        overrides: ["ignore_index": -100, "targets": "indices"]
      ) { $0.divideByWeights() }.followed(by: .weight).preparing(.torchUnbatched),
      .mlx("nll_loss", options: [.classAxis()], overrides: ["targets": "indices"]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  public var signature: LossSignature {
    options.targets.ignoring(options.ignoreIndex).logSignature
  }
  public var ignoredClass: Int? { options.ignoreIndex }
  public var classWeights: [Double] { options.classWeights }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let logs = row[0] else { return 0 }
    let targets = ClassTargets(row, weights: options.classWeights)
    if let gradient = row.gradient(0) {
      targets.forEach(0..<row.count) { j, q in gradient[j] = -row.gradientScale * q }
    }
    if let index = targets.index {
      let weight = targets.classWeight(index)
      return weight == 0 ? 0 : -weight * logs[index]
    }
    if let gradient = row.gradient(1), let target = row[1] {
      for j in 0..<row.count {
        let isZeroTimesInfinity = target[j] == 0 && logs[j] == -.infinity
        gradient[j] =
          isZeroTimesInfinity ? 0 : -row.gradientScale * targets.classWeight(j) * logs[j]
      }
    }
    return S(targets.sums(count: row.count, of: 0, minus: logs).sum.value)
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  /// The loss is linear in the log-probabilities and in the target.
  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    let targets = ClassTargets(row, weights: options.classWeights)
    let (vector, changes) = (row.vector(0), row.vector(1))
    for j in 0..<row.count {
      let factor = -row.gradientScale * targets.classWeight(j)
      row.gradient(0)?[j] = changes.map { factor * $0[j] } ?? 0
      row.gradient(1)?[j] = vector.map { factor * $0[j] } ?? 0
    }
    return value
  }
}
