public import LossCore
import LossDialects

/// Tversky loss: 1 − overlap with separate weights for false positives and negatives.
///
/// A class that is not included enters no sum, and its term no mean. A class weight multiplies the
/// term of its class or, in a region of several classes, what the class adds to the sums.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
public struct TverskyLoss: ClassRegionLoss {
  /// Options of the loss.
  public struct Options: OverlapLossOptions {
    /// Weight of false positives.
    public var falsePositiveWeight = 0.5
    /// Weight of false negatives.
    public var falseNegativeWeight = 0.5
    /// Options of the overlap.
    public var overlap = OverlapOptions()
    public init() {}
    public static let fields: [OptionField<Self>] =
      [
        .number(
          "false_positive_weight", \.falsePositiveWeight, .atLeast(0), "weight of false positives"),
        .number(
          "false_negative_weight", \.falseNegativeWeight, .atLeast(0), "weight of false negatives"),
      ] + OverlapOptions.fields.map { $0.inside(\.overlap) }
  }

  public static let metadata = LossMetadata(
    "tversky", "Tversky loss: 1 − overlap with separate weights for false positives and negatives.",
    formula: """
      1 - (TP + smooth) / (TP + a FP + b FN + smooth_denominator)
      - log(1 - loss)                                        with logarithmic
      TP = Σ t p,  FP = Σ (1 - t) p,  FN = Σ t (1 - p)
      a = false_positive_weight,  b = false_negative_weight
      """,
    domain: "Probabilities and targets from 0 to 1, or logits. A denominator of 0 gives 0.",
    gradient: """
      0 where the denominator is 0, where absent is zero and \
      nothing is true, and for the logarithm of an overlap of 0.
      """,
    usage: """
      Unbalanced segmentation where one kind of error is worse: raise false_negative_weight for \
      recall, false_positive_weight for precision. Weights of 1/2 are dice, weights of 1 jaccard.
      """,
    related: ["dice", "jaccard", "focal_tversky"], alsoKnownAs: ["tversky_index"],
    references: [
      """
      S. S. M. Salehi et al., Tversky Loss Function for Image \
      Segmentation Using 3D Fully Convolutional Deep Networks, 2017
      """
    ],
    dialectEntries: [
      .flux(
        "tversky_loss", options: [.fluxBeta],
        overrides: ["false_positive_weight": 0.7, "false_negative_weight": .number(1 - 0.7)]),
      // The code of Keras exchanges false positives and false negatives.
      .keras(
        "tversky", class: "Tversky",
        options: [
          .same("alpha", as: "false_negative_weight"), .same("beta", as: "false_positive_weight"),
          .kerasRegionAxis,
        ], overrides: DialectEntry.kerasOverlap),
      .optax(
        "dice_loss",
        options: [
          .same("alpha", as: "false_positive_weight"), .same("beta", as: "false_negative_weight"),
          .same("smooth"), .classWeights("class_weights"), .optaxSoftmax, .optaxBackground,
          .optaxClassReduction,
          .refused("axis", hint: "Use tversky, whose per says what a region extends over."),
        ], overrides: ["activation": "softmax", "per": "sample_and_class"]
      ) { resolution in
        if !resolution.given.contains("reduction") { resolution.reduction = .mean(over: [-1]) }
      },
      .optax(
        "binary_dice_loss", options: [.same("smooth"), .optaxSigmoid],
        overrides: ["activation": "sigmoid", "per": "sample"]),
      .monai(
        "TverskyLoss",
        options: .monaiRegions + [
          .same("alpha", as: "false_positive_weight"), .same("beta", as: "false_negative_weight"),
        ], overrides: DialectEntry.monaiOverlap),
      // Smoothing is added to half of the sizes.
      .smp("DiceLoss", options: .smpRegions, overrides: DialectEntry.smpOverlap) {
        $0.averageClasses()
      },
      // The union counts each error once; `jaccard` has neither logarithm nor classes.
      .smp(
        "JaccardLoss", options: .smpRegions,
        overrides: DialectEntry.smpOverlap.merging(
          ["false_positive_weight": 1, "false_negative_weight": 1]) { $1 }
      ) { $0.averageClasses() },
      .smp(
        "TverskyLoss",
        options: .smpRegions + [
          .same("alpha", as: "false_positive_weight"), .same("beta", as: "false_negative_weight"),
          .refused("gamma", unless: [1], hint: "Use focal_tversky."),
        ], overrides: DialectEntry.smpOverlap
      ) { $0.averageClasses() },
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isEven = options.falsePositiveWeight == options.falseNegativeWeight
    let isPlain = options.readsProbabilities && options.absent == .include
    return (options.classWeights.isEmpty ? options.overlap.ratio.properties : [])
      + (isPlain && isEven ? [.symmetric] : [])
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let weights = (options.falsePositiveWeight, options.falseNegativeWeight)
    try TverskyMeasure(weights, options.overlap.ratio).evaluateTerms(
      context, region, of: counted, options.activation(classCount: context.rows.length))
  }
}

extension DialectOption {
  /// Flux's β, which its code applies to false positives, unlike its documentation.
  static let fluxBeta = DialectOption("beta", "β", summary: "weight of false positives") {
    (value, resolution) throws(LossError) in
    guard let beta = Double(optionValue: value), beta >= 0, beta <= 1 else {
      throw LossError(
        .invalidOption, subject: "beta", found: "is \(value.text)",
        expected: "a number from zero to 1")
    }
    resolution.options["false_positive_weight"] = .number(beta)
    resolution.options["false_negative_weight"] = .number(1 - beta)
  }
}
