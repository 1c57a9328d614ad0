public import LossCore

/// The surprise at the positive of each anchor among the positives of all anchors.
///
///     - log(exp(scale a_i · p_i) / Σ_j exp(scale a_i · p_j))
///
/// With `normalize` and a scale of 1 / T it is the contrastive loss of two views, one way.
///
/// - Shape: anchor and positive `[item, feature]`, equal; one term an item.
/// - Domain: every finite vector whose products are finite. With `normalize` products are cosines,
///   those of every finite vector, and a zero vector has the cosine 0 to all. A removed couple is
///   not in the batch at all, also one with a weight of 0.
/// - Accuracy: a product is off by up to 4 units in the last place of the product of both lengths, and
///   an exponent by `scale` times as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula, for both; with `normalize` 0 for a zero vector.
/// - Reference: K. Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss Objective",
///   2016, without its penalty on lengths.
public struct NPairsLoss: MarginSoftmaxLoss {
  /// The scale, and whether lengths count.
  public struct Options: LossOptions {
    /// What products are multiplied by.
    public var scale = 1.0
    /// Whether vectors are divided by their lengths.
    public var normalize = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("scale", \.scale, .above(0), "what products are multiplied by"),
      .flag("normalize", \.normalize, "whether vectors are divided by their lengths"),
    ]
  }

  public static let metadata = LossMetadata(
    "n_pairs", "The surprise at the positive of each anchor among those of all anchors.",
    formula: "- log(exp(scale a_i · p_i) / Σ_j exp(scale a_i · p_j))",
    domain: "Every finite vector; each anchor has the positive in its own place.",
    references: ["K. Sohn, Multi-class N-pair Loss Objective, 2016"])
  private static let couples = LossSignature(
    .real("anchor", "item feature"), .real("positive", "item feature"), terms: "item")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }
  /// Two vectors an item.
  public var signature: LossSignature { Self.couples }
  /// What products are multiplied by.
  public var scale: Double { options.scale }
  /// If lengths do not count.
  public var usesCosines: Bool { options.normalize }
}
