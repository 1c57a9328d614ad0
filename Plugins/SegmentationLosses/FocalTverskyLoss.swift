public import LossCore

/// Focal Tversky loss: a power of the Tversky loss.
///
/// `gamma` is the reciprocal of the 4/3 in the paper.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
public struct FocalTverskyLoss: RegionFormLoss {
  /// Options of the loss.
  public struct Options: RegionOptions {
    /// Exponent of the Tversky loss.
    public var gamma = 0.75
    /// Weight of false positives.
    public var falsePositiveWeight = 0.3
    /// Weight of false negatives.
    public var falseNegativeWeight = 0.7
    /// Constant added to the numerator and the denominator.
    public var smooth = 1.0
    /// Activation that turns predictions into probabilities.
    public var activation = Activation.identity
    /// Whether prediction holds logits, also without an activation.
    public var fromLogits = false
    /// Elements that form a region, and so a term.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "exponent of the Tversky loss"),
      .number(
        "false_positive_weight", \.falsePositiveWeight, .atLeast(0), "weight of false positives"),
      .number(
        "false_negative_weight", \.falseNegativeWeight, .atLeast(0), "weight of false negatives"),
      .number(
        "smooth", \.smooth, .atLeast(0), "constant added to the numerator and the denominator"),
      .activation, .fromLogits, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "focal_tversky", "Focal Tversky loss: a power of the Tversky loss.",
    formula: """
      (1 - (TP + smooth) / (TP + a FP + b FN + smooth))^gamma
      TP = Σ t p,  FP = Σ (1 - t) p,  FN = Σ t (1 - p)
      a = false_positive_weight,  b = false_negative_weight
      """,
    domain: "Probabilities and targets from 0 to 1, or logits. A denominator of 0 gives 0.",
    gradient: "0 where the loss is 0, at which a power below 1 has an infinite derivative.",
    usage: """
      Small structures such as lesions: false negatives weigh more, and gamma shifts \
      the gradient between regions of little and of large overlap. tversky is gamma 1.
      """,
    related: ["tversky", "dice", "dice_focal"], alsoKnownAs: ["ftl"],
    references: [
      """
      N. Abraham and N. M. Khan, A Novel Focal Tversky Loss Function \
      With Improved Attention U-Net for Lesion Segmentation, 2019
      """
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isEven = options.falsePositiveWeight == options.falseNegativeWeight
    return [.range(0...1)] + (options.readsProbabilities && isEven ? [.symmetric] : [])
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let ratio = OverlapRatio(smooth: options.smooth)
    let weights = (options.falsePositiveWeight, options.falseNegativeWeight)
    try TverskyMeasure(weights, ratio, power: options.gamma).evaluateTerms(
      context, region, options.activation(classCount: context.rows.length))
  }
}
