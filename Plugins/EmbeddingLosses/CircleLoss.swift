public import LossCore
import LossDialects

/// Pair-weighted similarity loss with a circular decision boundary.
///
/// A masked or zero-weighted item leaves the batch.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (labels) `[item]`; one term per item.
/// - Weighted mean: the default; divides by the number of items with positives and negatives, and
///   is 0 without any.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `2 gamma` times as much; the
///   condition number of a term is that of its exponents.
public struct CircleLoss: MatchedSimilarityLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Scale of the weighted similarities.
    public var gamma = 80.0
    /// Relaxation of the optima 1 and 0 of the similarities.
    public var margin = 0.4
    /// Whether an item is its own positive.
    public var matchItself = false
    /// Whether to divide vectors by their lengths.
    public var normalize = true
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "scale of the weighted similarities"),
      .number(
        "margin", \.margin, .atLeast(0), "relaxation of the optima 1 and 0 of the similarities"),
      .flag("match_itself", \.matchItself, "whether an item is its own positive"),
      .flag("normalize", \.normalize, "whether to divide vectors by their lengths"),
    ]
  }

  public static let metadata = LossMetadata(
    "circle", "Pair-weighted similarity loss with a circular decision boundary.",
    formula: """
      log(1 + Σ_n exp(gamma max(0, s_n + margin) (s_n - margin))
        · Σ_p exp(-gamma (1 + margin - s_p) (s_p - 1 + margin)))
      """,
    domain: """
      Every finite vector of any magnitude; a zero vector has cosine 0. Without normalize the \
      vectors have length 1, and products above 1 count as 1. Items with equal labels are \
      positives; an item without positives or negatives has term 0.
      """,
    gradient: """
      Includes that of the pair weights, which some libraries hold constant. 0 for a zero vector, \
      for a negative at -margin and below, and for a product above 1.
      """,
    usage: """
      Face recognition and retrieval from class labels: each pair is weighted by its distance from \
      the optimum, unlike in triplet_margin.
      """,
    related: ["multi_similarity", "triplet_margin", "supcon", "arcface"],
    references: [
      "Y. Sun et al., Circle Loss: A Unified Perspective of Pair Similarity Optimization, 2020"
    ],
    dialectEntries: [
      .keras(
        "circle", class: "Circle",
        options: [
          .same("gamma"), .same("margin"),
          DialectOption("remove_diagonal", summary: "whether no item is its own positive") {
            (value, resolution) throws(LossError) in
            guard let removes = Bool(optionValue: value) else {
              throw DialectOption.refusal("remove_diagonal", value, "true or false")
            }
            resolution.options["match_itself"] = .flag(!removes)
          },
          .refused("ref_labels", hint: "Join both sets of items to one."),
          .refused("ref_embeddings", hint: "Join both sets of items to one."),
        ],
        overrides: ["normalize": false]
      ) { resolution in
        if resolution.reduction?.kind == .mean { resolution.reduction?.kind = .weightedMean }
      }
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// 1 for an item with positives and negatives.
  public func termWeight(positives: Int, negatives: Int) -> Int {
    (positives > 0 || options.matchItself) && negatives > 0 ? 1 : 0
  }
  /// Whether the vectors are normalised here.
  public var usesCosines: Bool { options.normalize }

  public func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double {
    let (gamma, margin) = (S(options.gamma), S(options.margin))
    let offset = gamma * margin * margin
    let negatives = row.sumOverNegatives { product in
      let similarity = S.minimumPropagatingNaN(product, 1)
      return S.select(similarity <= -margin, 0, gamma * similarity * similarity - offset)
    }
    let positives = row.sumOverPositives(withItself: options.matchItself) { product in
      let distance = 1 - S.minimumPropagatingNaN(product, 1)
      return gamma * distance * distance - offset
    }
    let logSum = positives.logarithm + negatives.logarithm
    let derivative = 2 * gamma.asDouble * Double.sigmoid(logSum)
    let (positiveFactor, negativeFactor) = (
      derivative * positives.normalizer, derivative * negatives.normalizer
    )
    row.scaleNegatives { product in
      // False for NaN, which propagates.
      let isConstant = product <= -margin || product > 1
      return Double.select(isConstant, 0, negativeFactor * product.asDouble)
    }
    row.scaleGroup { product in
      Double.select(product > 1, 0, positiveFactor * (product.asDouble - 1))
    }
    // The cosine of a vector with itself is constant.
    if usesCosines { row.derivatives[row.item] = 0 }
    return Double.log1pExp(logSum)
  }
}
