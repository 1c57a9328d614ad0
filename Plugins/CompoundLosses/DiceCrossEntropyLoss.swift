import ClassificationLosses
public import LossComposition
public import LossCore
import LossDialects
public import SegmentationLosses

/// Dice loss plus cross entropy.
///
/// With a single class the cross entropy is `binary_cross_entropy` without smoothing, and the class
/// weight is that of positives. A masked element removes its row from the cross entropy.
///
/// `DiceLoss(fromLogits: true) + CrossEntropyLoss()` is the same with its defaults.
///
/// - Shape: prediction and mask `[..., class]`, target the same or class indices; one term.
public struct DiceCrossEntropyLoss: CompoundLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Options of the Dice part; its class weights are those of the cross entropy as well.
    public var dice = DiceLoss.Options.ofLogits
    /// Share of the target spread evenly in the cross entropy.
    public var labelSmoothing = 0.0
    /// Weight of the Dice part.
    public var lambdaDice = 1.0
    /// Weight of the cross entropy.
    public var lambdaCrossEntropy = 1.0
    /// Reduction of the terms of each part.
    public var parts = PartReduction.mean
    public init() {}
    public static let fields: [OptionField<Self>] =
      DiceLoss.Options.fields.map { $0.inside(\.dice) } + [
        .number(
          "label_smoothing", \.labelSmoothing, .from(0, to: 1),
          "share of the target spread evenly in the cross entropy"),
        .number("lambda_dice", \.lambdaDice, .atLeast(0), "weight of the Dice part"),
        .number(
          "lambda_cross_entropy", \.lambdaCrossEntropy, .atLeast(0), "weight of the cross entropy"),
        .choice("parts", \.parts, "reduction of the terms of each part"),
      ]
  }

  public static let metadata = LossMetadata(
    "dice_ce", "Dice loss plus cross entropy.",
    formula: "lambda_dice mean(dice) + lambda_cross_entropy mean(cross_entropy)",
    domain: """
      Logits of any size: activation turns them into probabilities for the Dice part, and the \
      cross entropy takes the softmax over the classes, or the sigmoid of a single class. \
      Probabilities from 0 to 1 for both parts without from_logits.
      """,
    usage: """
      The usual choice for medical image segmentation: cross entropy gives a gradient at \
      each element, Dice handles class imbalance. dice_focal is for extreme imbalance.
      """,
    related: ["dice", "cross_entropy", "dice_focal"], alsoKnownAs: ["dc_and_ce"],
    references: [
      """
      F. Isensee et al., nnU-Net: A Self-Configuring Method for \
      Deep Learning-Based Biomedical Image Segmentation, 2021
      """
    ],
    dialectEntries: [
      .monai(
        "DiceCELoss",
        options: .monaiDice + [
          .monaiParts, .same("lambda_dice"), .same("lambda_ce", as: "lambda_cross_entropy"),
          .same("label_smoothing"),
        ], overrides: DialectEntry.monaiOverlap.merging(["activation": "none"]) { $1 })
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var signature: LossSignature {
    options.dice.per.compoundSignature(readsProbabilities: options.dice.hasPartOfProbabilities)
  }
  public func check(classCount: Int) throws(LossError) {
    try DiceLoss(options: options.dice).check(classCount: classCount)
  }

  public func parts(classCount: Int) -> [CompoundPart] {
    let dice = DiceLoss(options: options.dice.fitted(to: classCount))
    return [
      CompoundPart(options.lambdaDice, dice, options.parts),
      classCount == 1 ? binary : categorical,
    ]
  }

  private var binary: CompoundPart {
    var binary = BinaryCrossEntropyLoss.Options()
    binary.fromLogits = options.dice.fromLogits
    binary.positiveWeight = options.dice.classWeights.first ?? 1
    return CompoundPart(
      options.lambdaCrossEntropy, BinaryCrossEntropyLoss(options: binary), options.parts)
  }

  private var categorical: CompoundPart {
    var categorical = CrossEntropyLoss.Options()
    categorical.fromLogits = options.dice.fromLogits
    categorical.classWeights = options.dice.classWeights
    categorical.labelSmoothing = options.labelSmoothing
    return CompoundPart(
      options.lambdaCrossEntropy, CrossEntropyLoss(options: categorical), options.parts)
  }
}
