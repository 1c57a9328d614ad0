public import LossCore
import LossDialects

/// One minus the overlap, where false positives and false negatives weigh as they are told to.
///
/// With `TP = Σ t p`, `FP = Σ (1 - t) p` and `FN = Σ t (1 - p)` over a region:
///
///     1 - (TP + s) / (TP + a FP + b FN + d)          d = s unless it is given
///     - log(...) of the quotient                     with `logarithmic`
///
/// A class that does not count is in no sum, and its term is left out of a mean. A weight multiplies
/// the term of its class, or what the class adds to the sums of a region of several.
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region where the denominator is 0
///   gives 0.
/// - Gradient: through the three sums; 0 where the denominator is 0, where an absent class costs
///   nothing by `absent`, and for the logarithm of no overlap, which is infinite.
/// - Reference: S. S. M. Salehi et al., "Tversky Loss Function for Image Segmentation Using 3D Fully
///   Convolutional Deep Networks", 2017.
public struct TverskyLoss: ClassRegionLoss {
  /// What the errors weigh and what is one region.
  public struct Options: OverlapLossOptions {
    /// What a false positive weighs.
    public var falsePositiveWeight = 0.5
    /// What a false negative weighs.
    public var falseNegativeWeight = 0.5
    /// How the overlap becomes a term, and of what.
    public var overlap = OverlapOptions()
    public init() {}
    public static let fields: [OptionField<Self>] =
      [
        .number(
          "false_positive_weight", \.falsePositiveWeight, .atLeast(0),
          "what a false positive weighs"),
        .number(
          "false_negative_weight", \.falseNegativeWeight, .atLeast(0),
          "what a false negative weighs"),
      ] + OverlapOptions.fields.map { $0.inside(\.overlap) }
  }

  public static let metadata = LossMetadata(
    "tversky", "One minus the overlap, with weights for the two kinds of error.",
    formula: "1 - (TP + smooth) / (TP + a FP + b FN + smooth_denominator)",
    domain: "Probabilities from 0 to 1, or logits.",
    references: [
      "S. S. M. Salehi et al., Tversky Loss Function for Image Segmentation Using 3D Fully"
        + " Convolutional Deep Networks, 2017"
    ],
    dialectEntries: [
      .flux(
        "tversky_loss", options: [.fluxBeta],
        overrides: ["false_positive_weight": 0.7, "false_negative_weight": .number(1 - 0.7)]),
      // The code of Keras has false positives and false negatives the other way round.
      .keras(
        "tversky", class: "Tversky",
        options: [
          .same("alpha", as: "false_negative_weight"), .same("beta", as: "false_positive_weight"),
        ], overrides: DialectEntry.kerasOverlap),
      .optax(
        "dice_loss",
        options: [
          .same("alpha", as: "false_positive_weight"), .same("beta", as: "false_negative_weight"),
          .same("smooth"), .classWeights("class_weights"), .optaxSoftmax, .optaxBackground,
          .optaxClassReduction,
        ], overrides: ["activation": "softmax", "per": "sample_and_class"]
      ) { selection in
        if !selection.given.contains("reduction") { selection.reduction = .mean(over: [-1]) }
      },
      .optax(
        "binary_dice_loss", options: [.same("smooth"), .optaxSigmoid],
        overrides: ["activation": "sigmoid", "per": "sample"]),
      .monai(
        "TverskyLoss",
        options: .monaiRegions + [
          .same("alpha", as: "false_positive_weight"), .same("beta", as: "false_negative_weight"),
        ], overrides: DialectEntry.monaiOverlap),
      // Half of the sizes is what the smoothing is added to, not all of them.
      .smp("DiceLoss", options: .smpRegions, overrides: DialectEntry.smpOverlap) {
        $0.averageClasses()
      },
      // The union has each error once; its logarithm and its classes are options of this loss.
      .smp(
        "JaccardLoss", options: .smpRegions,
        overrides: DialectEntry.smpOverlap.merging(
          ["false_positive_weight": 1, "false_negative_weight": 1]) { $1 }
      ) { $0.averageClasses() },
      .smp(
        "TverskyLoss",
        options: .smpRegions + [
          .same("alpha", as: "false_positive_weight"), .same("beta", as: "false_negative_weight"),
        ], overrides: DialectEntry.smpOverlap
      ) { $0.averageClasses() },
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isEven = options.falsePositiveWeight == options.falseNegativeWeight
    let isPlain = options.activation == .identity && options.absent == .include
    return (options.classWeights.isEmpty ? options.overlap.ratio.properties : [])
      + (isPlain && isEven ? [.symmetric] : [])
  }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    let weights = (options.falsePositiveWeight, options.falseNegativeWeight)
    try TverskyMeasure(weights, options.overlap.ratio).evaluateTerms(
      pass, region, of: counted, options.activation)
  }
}

extension DialectOption {
  /// Flux's β, which its code puts on the false positives, whatever its documentation says.
  static let fluxBeta = DialectOption("beta", "β", summary: "what a false positive weighs") {
    (value, selection) throws(LossError) in
    guard let beta = Double(optionValue: value), beta >= 0, beta <= 1 else {
      throw LossError(
        .invalidOption, subject: "beta", found: "is \(value.text)",
        expected: "a number from zero to 1")
    }
    selection.options["false_positive_weight"] = .number(beta)
    selection.options["false_negative_weight"] = .number(1 - beta)
  }
}
