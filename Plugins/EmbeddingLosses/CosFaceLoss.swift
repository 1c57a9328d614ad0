public import LossCore

/// Softmax cross entropy over cosines with an additive cosine margin.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (class indices) `[item]`,
///   class_centers `[class, feature]`; one term per item.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `scale` times as much; the
///   condition number of a term is that of its exponents.
public struct CosFaceLoss: MarginSoftmaxLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Factor of the cosines.
    public var scale = 64.0
    /// Margin subtracted from the cosine of the true class.
    public var margin = 0.35
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("scale", \.scale, .above(0), "factor of the cosines"),
      .number(
        "margin", \.margin, .atLeast(0), "margin subtracted from the cosine of the true class"),
    ]
  }

  public static let metadata = LossMetadata(
    "cosface", "Softmax cross entropy over cosines with an additive cosine margin.",
    formula: "- log softmax(scale cos_c), with cos_t - margin for the true class",
    domain: "Every finite vector of any magnitude; a zero vector has cosine 0.",
    gradient: "0 for a zero vector.",
    usage: """
      Face recognition and other open-set classification, with class centres trained along. \
      arcface has the margin on the angle; normalized_softmax has none.
      """,
    related: ["arcface", "normalized_softmax", "circle", "cross_entropy"],
    alsoKnownAs: ["am_softmax", "lmcl"],
    references: [
      "H. Wang et al., CosFace: Large Margin Cosine Loss for Deep Face Recognition, 2018"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }
  /// The factor of the cosines.
  public var scale: Double { options.scale }

  /// The cosine minus the margin.
  public func withMargin(_ cosine: Double) -> (value: Double, derivative: Double) {
    (cosine - options.margin, 1)
  }
}
