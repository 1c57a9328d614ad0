public import LossCore

/// The surprise at the true class by the cosines to a centre for each, with a margin on the cosine.
///
///     - log(exp(scale (cos_t - margin)) / (exp(scale (cos_t - margin)) + Σ_{c ≠ t} exp(scale cos_c)))
///
/// - Shape: prediction (the vectors) `[item, feature]`, target `[item]` class indices, class_centers
///   `[class, feature]`; one term an item.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `scale` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula, for vectors and centres; 0 for a zero vector.
/// - Reference: H. Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", 2018.
public struct CosFaceLoss: MarginSoftmaxLoss {
  /// The scale and the margin.
  public struct Options: LossOptions {
    /// What cosines are multiplied by.
    public var scale = 64.0
    /// By how much the cosine of the true class is made smaller.
    public var margin = 0.35
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("scale", \.scale, .above(0), "what cosines are multiplied by"),
      .number("margin", \.margin, .atLeast(0), "by how much the true cosine is made smaller"),
    ]
  }

  public static let metadata = LossMetadata(
    "cosface", "The surprise at the true class by cosines, with a margin on the cosine.",
    formula: "- log softmax(scale cos_c), with cos_t - margin for the true class",
    domain: "Every finite vector; a zero vector has the cosine 0.",
    references: ["H. Wang et al., CosFace: Large Margin Cosine Loss, 2018"])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// What cosines are multiplied by.
  public var scale: Double { options.scale }

  /// The cosine less the margin.
  public func withMargin(_ cosine: Double) -> (value: Double, derivative: Double) {
    (cosine - options.margin, 1)
  }
}
