public import LossCore
import LossDialects

/// How far the score of the true class fails to exceed each other score by a margin.
///
///     w / C Σ over j ≠ y of max(0, margin - s[y] + s[j])^p
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices; one term a row.
/// - Domain: every score; NaN gives NaN. A row of one class costs nothing.
/// - Gradient: for each other class inside the margin `w / C`, times `2 (margin - s[y] + s[j])` for p
///   of 2, and what they add up to with the other sign for the true class; 0 at the margin's edge.
/// - Reference: J. Weston and C. Watkins, "Support Vector Machines for Multi-Class Pattern
///   Recognition", 1999; the weight and the division by C are those of PyTorch `MultiMarginLoss`.
public struct MultiMarginLoss: RowwiseLoss {
  /// The margin, its power, and what each class weighs.
  public struct Options: LossOptions {
    /// The power of what lies inside the margin: 1 or 2.
    public var p = 1
    /// By how much the true score is to exceed the others.
    public var margin = 1.0
    /// What each class weighs; empty for 1 each.
    public var classWeights: [Double] = []
    public init() {}
    public static let fields: [OptionField<Self>] = [
      OptionField("p", \.p, range: "1 or 2", "the power of what lies inside the margin") {
        $0 == 1 || $0 == 2
      },
      .number("margin", \.margin, .finite, "by how much the true score is to exceed the others"),
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
    ]
  }

  public static let metadata = LossMetadata(
    "multi_margin", "How far the true score fails to exceed each other score by a margin.",
    formula: "w[y] Σ over j ≠ y of max(0, margin - prediction[y] + prediction[j])^p / classes",
    domain: "Every score.",
    references: ["J. Weston and C. Watkins, Support Vector Machines for Multi-Class, 1999"],
    dialectEntries: [
      .torchRows(
        "multi_margin_loss", class: "MultiMarginLoss",
        options: [.same("p"), .same("margin"), .torchClassWeight])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  /// Scores with a class axis and the true class.
  public var signature: LossSignature { TargetForm.indices.signature(fromLogits: true) }
  /// One weight for each class.
  public func check(classCount: Int) throws(LossError) {
    try checkWeights(options.classWeights, classCount)
  }

  /// The term of one row; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let scores = row[0], let index = row.classIndex(1) else { return 0 }
    let isSquared = options.p == 2
    let own = scores[index]
    let margin = S(options.margin)
    let weight = options.classWeights.isEmpty ? 1 : S(options.classWeights[index])
    if let gradient = row.gradient(0) {
      let factor = row.gradientScale * weight / S(row.count)
      for j in 0..<row.count {
        let inside = margin - (own - scores[j])
        let line = S.select(inside <= 0, 0, S.select(inside > 0, 1, inside))
        gradient[j] = factor * S.select(isSquared, 2 * S.relu(inside), line)
      }
      gradient[index] = 0
      gradient[index] = -S(BlockedSum.sum(gradient, count: row.count).value)
    }
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        let inside = S.relu(margin - (own - scores[start + j]))
        let term = S.select(isSquared, inside * inside, inside)
        terms[j] = S.select(start + j == index, 0, term)
      }
    }
    return S(weight.asDouble * sum.value / Double(row.count))
  }
}
