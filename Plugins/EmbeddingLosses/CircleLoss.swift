public import LossCore
import LossDialects

/// Draws matches together and strangers apart, each with the weight of what it still lacks.
///
///     log(1 + Σ_n exp(gamma max(0, s_n + margin) (s_n - margin))
///           · Σ_p exp(-gamma (1 + margin - s_p) (s_p - 1 + margin)))
///
/// over the matches `p` of an item, which have its label, and the strangers `n`, which have not. The
/// similarity `s` is the cosine, at most 1.
///
/// - Shape: prediction (the vectors) `[item, feature]`, target (the labels) `[item]`, whole numbers
///   that are the same for a match; one term an item, 0 for one without matches or strangers.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0 to all.
///   Without `normalize`, vectors of length 1: products stand for cosines, and those above 1 for 1.
/// - Weighted mean: divides by the number of items that have matches and strangers. It is the
///   default, and 0 if there is none. A removed item is not in the batch at all, also one with a
///   weight of 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `2 gamma` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula, its weights included, which some libraries hold constant; 0 for a
///   zero vector. A stranger at `-margin` has none, nor has a product above 1.
/// - Reference: Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
///   2020.
public struct CircleLoss: MatchedSimilarityLoss {
  /// The scale, the margin and what counts.
  public struct Options: LossOptions {
    /// What weighted similarities are multiplied by.
    public var gamma = 80.0
    /// How far similarities may stay from 1 and 0.
    public var margin = 0.4
    /// Whether an item is a match of itself too.
    public var matchItself = false
    /// Whether vectors are divided by their lengths.
    public var normalize = true
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "what weighted similarities are multiplied by"),
      .number("margin", \.margin, .atLeast(0), "how far similarities may stay from 1 and 0"),
      .flag("match_itself", \.matchItself, "whether an item is a match of itself too"),
      .flag("normalize", \.normalize, "whether vectors are divided by their lengths"),
    ]
  }

  public static let metadata = LossMetadata(
    "circle", "Draws positives together and strangers apart, each by what it still lacks.",
    formula: """
      log(1 + Σ_n exp(gamma max(0, s_n + margin) (s_n - margin))
        · Σ_p exp(-gamma (1 + margin - s_p) (s_p - 1 + margin)))
      """,
    domain: "Every finite vector; labels that are the same for a match.",
    references: ["Y. Sun et al., Circle Loss: A Unified Perspective, 2020"],
    dialectEntries: [
      .keras(
        "circle", class: "Circle",
        options: [
          .same("gamma"), .same("margin"),
          DialectOption("remove_diagonal", summary: "whether no item is a match of itself") {
            (value, selection) throws(LossError) in
            guard let removes = Bool(optionValue: value) else {
              throw DialectOption.refusal("remove_diagonal", value, "true or false")
            }
            selection.options["match_itself"] = .flag(!removes)
          },
        ],
        overrides: ["normalize": false]
      ) { selection in
        if selection.reduction?.kind == .mean { selection.reduction?.kind = .weightedMean }
      }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// 1 if there are both.
  public func termWeight(positives: Int, negatives: Int) -> Int {
    (positives > 0 || options.matchItself) && negatives > 0 ? 1 : 0
  }
  /// Unless the vectors have the length 1.
  public var usesCosines: Bool { options.normalize }

  /// What the matches and the strangers of one item lack together.
  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let (gamma, margin) = (S(options.gamma), S(options.margin))
    let edge = gamma * margin * margin
    let negatives = row.sumOverNegatives { product in
      let similarity = S.minimumPropagatingNaN(product, 1)
      return S.select(similarity <= -margin, 0, gamma * similarity * similarity - edge)
    }
    let positives = row.sumOverPositives(withItself: options.matchItself) { product in
      let gap = 1 - S.minimumPropagatingNaN(product, 1)
      return gamma * gap * gap - edge
    }
    let both = positives.logarithm + negatives.logarithm
    let derivative = 2 * gamma.asDouble * Double.sigmoid(both)
    let (near, far) = (derivative * positives.unit, derivative * negatives.unit)
    row.scaleNegatives { product in
      // NaN is neither, and stays.
      let isOver = product <= -margin || product > 1
      return Double.select(isOver, 0, far * product.asDouble)
    }
    row.scaleGroup { product in
      Double.select(product > 1, 0, near * (product.asDouble - 1))
    }
    // A unit vector's product with itself is 1 wherever it points.
    if usesCosines { row.derivatives[row.item] = 0 }
    return Double.log1pExp(both)
  }
}
