public import LossCore
import LossDialects

/// Crammer-Singer hinge: margin violation of the true class against the best other class.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
public struct CategoricalHingeLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether the best other score is at least 0.
    public var floorAtZero = false
    /// Accepted form of the target.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("floor_at_zero", \.floorAtZero, "whether the best other score is at least 0"),
      .choice("targets", \.targets, "accepted form of the target"),
    ]
  }

  public static let metadata = LossMetadata(
    "categorical_hinge",
    "Crammer-Singer hinge: margin violation of the true class against the best other class.",
    formula: "max(0, max over others of (1 - t) s - Σ t s + 1),  s = prediction,  t = target",
    domain: """
      Every real number; NaN gives NaN. A row with a single class gives 0. With \
      floor_at_zero the best other score is at least 0, as in Keras and Axon.
      """,
    gradient: """
      0 at the edge of the margin. Of several best other classes, the first gets the gradient.
      """,
    usage: """
      Multiclass maximum-margin classifiers: examples beyond the margin get no gradient. \
      multi_margin sums over all violating classes; cross_entropy gives probabilities.
      """,
    related: ["multi_margin", "multiclass_perceptron", "cross_entropy", "hinge"],
    alsoKnownAs: ["crammer_singer", "multiclass_hinge", "multiclass_svm"],
    references: [
      """
      K. Crammer and Y. Singer, On the Algorithmic Implementation \
      of Multiclass Kernel-based Vector Machines, 2001
      """
    ],
    dialectEntries: [
      .axon("categorical_hinge", overrides: ["floor_at_zero": true, "targets": "dense"]),
      .keras(
        "categorical_hinge", class: "CategoricalHinge",
        overrides: ["floor_at_zero": true, "targets": "dense"]),
      .optax(
        "multiclass_hinge_loss", overrides: ["targets": "indices"],
        arguments: [DialectArgument(.prediction, "scores"), .optaxTarget]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .lipschitz(2.0.squareRoot())]
  }
  public var signature: LossSignature { options.targets.labelSignature }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0] else { return 0 }
    let targets = ClassTargets(row, weights: [])
    var best: (score: S, index: Int)?
    var targetScore = 0 as S
    for j in 0..<row.count {
      let t = targets.weight(of: j)
      if t != 0 { targetScore += t * scores[j] }
      guard t != 1 || options.floorAtZero else { continue }
      let score = t == 1 ? 0 : (1 - t) * scores[j]
      if best.map({ score > $0.score || score.isNaN }) ?? true { best = (score, j) }
    }
    let margin = best.map { $0.score - targetScore + 1 } ?? 0
    if let gradient = row.gradient(0) {
      let isActive = !(margin <= 0)
      for j in 0..<row.count {
        gradient[j] = isActive ? -row.gradientScale * targets.weight(of: j) : 0
      }
      if isActive, let best {
        gradient[best.index] += row.gradientScale * (1 - targets.weight(of: best.index))
      }
      if margin.isNaN { for j in 0..<row.count { gradient[j] = margin } }
    }
    return S.relu(margin)
  }
}
