public import LossCore

/// The surprise at the true class by the cosines to a centre for each.
///
///     - log(exp(cos_t / T) / Σ_c exp(cos_c / T))
///
/// - Shape: prediction (the vectors) `[item, feature]`, target `[item]` class indices, class_centers
///   `[class, feature]`; one term an item.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `1 / T` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula, for vectors and centres; 0 for a zero vector.
/// - Reference: A. Zhai and H.-Y. Wu, "Classification is a Strong Baseline for Deep Metric
///   Learning", 2019.
public struct NormalizedSoftmaxLoss: MarginSoftmaxLoss {
  /// The temperature.
  public struct Options: LossOptions {
    /// What cosines are divided by.
    public var temperature = 0.05
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("temperature", \.temperature, .above(0), "what cosines are divided by")
    ]
  }

  public static let metadata = LossMetadata(
    "normalized_softmax", "The surprise at the true class by the cosines to a centre for each.",
    formula: "- log(exp(cos_t / T) / Σ_c exp(cos_c / T))",
    domain: "Every finite vector; a zero vector has the cosine 0.",
    references: ["A. Zhai and H.-Y. Wu, Classification is a Strong Baseline, 2019"])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// What cosines are multiplied by.
  public var scale: Double { 1 / options.temperature }
}
