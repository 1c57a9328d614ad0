public import LossCore

/// Softmax cross entropy over cosines to class centres, with a temperature.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (class indices) `[item]`,
///   class_centers `[class, feature]`; one term per item.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `1 / temperature` times as
///   much; the condition number of a term is that of its exponents.
public struct NormalizedSoftmaxLoss: MarginSoftmaxLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Temperature that divides the cosines.
    public var temperature = 0.05
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "temperature that divides the cosines")
    ]
  }

  public static let metadata = LossMetadata(
    "normalized_softmax",
    "Softmax cross entropy over cosines to class centres, with a temperature.",
    formula: "- log(exp(cos_t / temperature) / Σ_c exp(cos_c / temperature))",
    domain: "Every finite vector of any magnitude; a zero vector has cosine 0.",
    gradient: "0 for a zero vector.",
    usage: """
      Embeddings from class labels: a strong baseline without pair mining. arcface and cosface add \
      a margin.
      """,
    related: ["arcface", "cosface", "cross_entropy"],
    alsoKnownAs: ["normface"],
    references: [
      "A. Zhai and H.-Y. Wu, Classification is a Strong Baseline for Deep Metric Learning, 2019"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }
  /// The factor of the cosines.
  public var scale: Double { 1 / options.temperature }
}
