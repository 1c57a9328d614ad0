public import LossCore
import LossDialects

/// How far the score of the true class falls short of the best other score by a margin of 1.
///
///     max(0, max over j with t ≠ 1 of (1 - t) s  -  Σ t s  +  1)
///
/// For one true class `y` this is `max(0, max over j ≠ y of s - s[y] + 1)`.
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices, or `[..., class]` one-hot; one
///   term a row.
/// - Domain: every real number. A row with no other class gives 0. With `floor_at_zero` the maximum
///   is at least 0, as in Keras and Axon, where the true class takes part with `(1 - t) s = 0`.
/// - Gradient: `(1 - t)` at the best other class (the first of several) minus `t`, 0 outside the
///   margin and at its edge.
/// - Reference: K. Crammer and Y. Singer, "On the Algorithmic Implementation of Multiclass
///   Kernel-based Vector Machines", 2001.
public struct CategoricalHingeLoss: RowwiseLoss {
  /// What the best other score is.
  public struct Options: LossOptions {
    /// Whether the best other score is at least 0.
    public var floorAtZero = false
    /// In which form the target is taken.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("floor_at_zero", \.floorAtZero, "whether the best other score is at least 0"),
      .choice("targets", \.targets, "in which form the target is taken"),
    ]
  }

  public static let metadata = LossMetadata(
    "categorical_hinge",
    "How far the true class's score falls short of the best other by a margin of 1.",
    formula: "max(0, max over others of (1 - t) s - Σ t s + 1)", domain: "Every score.",
    references: [
      "K. Crammer and Y. Singer, On the Algorithmic Implementation of Multiclass Kernel-based"
        + " Vector Machines, 2001"
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
  /// Prediction with a class axis; indices or one-hot for target, which has no gradient.
  public var signature: LossSignature { options.targets.labelSignature }

  /// The term of one row; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0] else { return 0 }
    let targets = ClassTargets(row, weights: [])
    var best: (score: S, index: Int)?
    var own = 0 as S
    for j in 0..<row.count {
      let t = targets.weight(of: j)
      if t != 0 { own += t * scores[j] }
      guard t != 1 || options.floorAtZero else { continue }
      let score = t == 1 ? 0 : (1 - t) * scores[j]
      if best.map({ score > $0.score || score.isNaN }) ?? true { best = (score, j) }
    }
    let margin = best.map { $0.score - own + 1 } ?? 0
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
