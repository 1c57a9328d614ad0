public import LossCore
import LossDialects

/// Weston-Watkins hinge: margin violations of the true class against all other classes.
///
/// The class weight and the division by the number of classes are those of PyTorch.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices.
public struct MultiMarginLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Exponent of the margin violation.
    public var p = 1
    /// Margin between the true score and the others.
    public var margin = 1.0
    /// Weight of each class; empty for 1 each.
    public var classWeights: [Double] = []
    public init() {}
    public static let fields: [OptionField<Self>] = [
      OptionField("p", \.p, range: "1 or 2", "exponent of the margin violation") {
        $0 == 1 || $0 == 2
      },
      .number("margin", \.margin, .finite, "margin between the true score and the others"),
      .numbers(
        "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each"),
    ]
  }

  public static let metadata = LossMetadata(
    "multi_margin",
    "Weston-Watkins hinge: margin violations of the true class against all other classes.",
    formula: """
      w[y] Σ over j ≠ y of max(0, margin - s[y] + s[j])^p / classes
      s = prediction,  y = target,  w = class_weights
      """,
    domain: "Every real number; NaN gives NaN. A row with a single class gives 0.",
    gradient: "0 at the edge of the margin.",
    usage: """
      Multiclass maximum-margin training in which every violating class gets a gradient; \
      categorical_hinge looks at the best other class only. cross_entropy gives probabilities.
      """,
    related: ["categorical_hinge", "multilabel_margin", "cross_entropy", "hinge"],
    alsoKnownAs: ["weston_watkins"],
    references: [
      "J. Weston and C. Watkins, Support Vector Machines for Multi-Class Pattern Recognition, 1999"
    ],
    dialectEntries: [
      .torchRows(
        "multi_margin_loss", class: "MultiMarginLoss",
        options: [.same("p"), .same("margin"), .torchClassWeight]
      ).preparing(.torchUnbatched)
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }
  public func check(classCount: Int) throws(LossError) {
    try checkWeights(options.classWeights, classCount)
  }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0], let index = row.classIndex(1) else { return 0 }
    let isSquared = options.p == 2
    let targetScore = scores[index]
    let margin = S(options.margin)
    let weight = options.classWeights.isEmpty ? 1 : S(options.classWeights[index])
    if let gradient = row.gradient(0) {
      let factor = row.gradientScale * weight / S(row.count)
      for j in 0..<row.count {
        let violation = margin - (targetScore - scores[j])
        let step = S.select(violation <= 0, 0, S.select(violation > 0, 1, violation))
        gradient[j] = factor * S.select(isSquared, 2 * S.relu(violation), step)
      }
      gradient[index] = 0
      gradient[index] = -S(BlockedSum.sum(gradient, count: row.count).value)
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        let violation = S.relu(margin - (targetScore - scores[start + j]))
        let term = S.select(isSquared, violation * violation, violation)
        terms[j] = S.select(start + j == index, 0, term)
      }
    }
    return S(weight.asDouble * sum.value / Double(row.count))
  }
}
