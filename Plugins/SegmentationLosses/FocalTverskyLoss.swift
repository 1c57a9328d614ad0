public import LossCore

/// A power of the Tversky loss, which turns the attention to regions with little, or much, overlap.
///
/// With `TP = Σ t p`, `FP = Σ (1 - t) p` and `FN = Σ t (1 - p)` over a region:
///
///     (1 - (TP + s) / (TP + a FP + b FN + s))^γ
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region where the denominator is 0
///   gives 0.
/// - Gradient: through the three sums; 0 in a region whose overlap lacks nothing, where a power below 1
///   has no finite slope.
/// - Reference: N. Abraham, N. M. Khan, "A Novel Focal Tversky Loss Function With Improved Attention
///   U-Net for Lesion Segmentation", 2019, whose 4/3 is one over `gamma`.
public struct FocalTverskyLoss: RegionFormLoss {
  /// What the errors weigh, the power, and what is one region.
  public struct Options: RegionOptions {
    /// The power.
    public var gamma = 0.75
    /// What a false positive weighs.
    public var falsePositiveWeight = 0.3
    /// What a false negative weighs.
    public var falseNegativeWeight = 0.7
    /// What is added above and below.
    public var smooth = 1.0
    /// How a prediction becomes a probability.
    public var activation = Activation.identity
    /// What is one region, and so what a term is.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "the power"),
      .number(
        "false_positive_weight", \.falsePositiveWeight, .atLeast(0),
        "what a false positive weighs"),
      .number(
        "false_negative_weight", \.falseNegativeWeight, .atLeast(0),
        "what a false negative weighs"),
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .activation, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "focal_tversky", "A power of the Tversky loss.",
    formula: "(1 - (TP + smooth) / (TP + a FP + b FN + smooth))^gamma",
    domain: "Probabilities from 0 to 1, or logits.",
    references: [
      "N. Abraham, N. M. Khan, A Novel Focal Tversky Loss Function With Improved Attention U-Net"
        + " for Lesion Segmentation, 2019"
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isEven = options.falsePositiveWeight == options.falseNegativeWeight
    return [.range(0...1)] + (options.activation == .identity && isEven ? [.symmetric] : [])
  }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    let ratio = OverlapRatio(smooth: options.smooth)
    let weights = (options.falsePositiveWeight, options.falseNegativeWeight)
    try TverskyMeasure(weights, ratio, power: options.gamma).evaluateTerms(
      pass, region, options.activation)
  }
}
