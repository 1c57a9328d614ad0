public import ClassificationLosses
public import LossComposition
public import LossCore
import LossDialects
public import SegmentationLosses

/// Dice loss plus sigmoid focal loss.
///
/// - Shape: prediction and mask `[..., class]`, target the same or class indices; one term.
public struct DiceFocalLoss: CompoundLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Options of the Dice part; its classes and class weights are those of the focal part as well.
    public var dice = DiceLoss.Options.ofLogits
    /// Options of the focal part.
    public var focal = BinaryFocalLoss.Options()
    /// Weight of the Dice part.
    public var lambdaDice = 1.0
    /// Weight of the focal part.
    public var lambdaFocal = 1.0
    /// Reduction of the terms of each part.
    public var parts = PartReduction.mean
    public init() {}
    public static let fields: [OptionField<Self>] =
      DiceLoss.Options.fields.map { $0.inside(\.dice) }
      + BinaryFocalLoss.Options.ofLogits.map { $0.inside(\.focal) } + [
        .number("lambda_dice", \.lambdaDice, .atLeast(0), "weight of the Dice part"),
        .number("lambda_focal", \.lambdaFocal, .atLeast(0), "weight of the focal part"),
        .choice("parts", \.parts, "reduction of the terms of each part"),
      ]
  }

  public static let metadata = LossMetadata(
    "dice_focal", "Dice loss plus sigmoid focal loss.",
    formula: "lambda_dice mean(dice) + lambda_focal mean(w binary_focal)    with w = class_weights",
    domain: """
      Logits of any size: activation turns them into probabilities for the Dice part, and the \
      focal part takes the sigmoid of each. Probabilities for both parts without from_logits.
      """,
    usage: """
      Segmentation with extreme class imbalance, where \
      easy background elements dominate even dice_ce.
      """,
    related: ["dice", "binary_focal", "dice_ce", "generalized_dice_focal"],
    references: [
      """
      W. Zhu et al., AnatomyNet: Deep Learning for Fast and Fully \
      Automated Whole-Volume Segmentation of Head and Neck Anatomy, 2019
      """
    ],
    dialectEntries: [
      .monai(
        "DiceFocalLoss",
        options: .monaiDice + [
          .monaiMean, .same("lambda_dice"), .same("lambda_focal"), .same("gamma"), .same("alpha"),
        ], overrides: DialectEntry.monaiOverlap.merging(["activation": "none"]) { $1 },
        resolve: { $0.insertBackgroundWeight() })
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
    var focal = options.focal
    focal.fromLogits = options.dice.fromLogits
    return [
      CompoundPart(
        options.lambdaDice, DiceLoss(options: options.dice.fitted(to: classCount)), options.parts),
      CompoundPart(
        options.lambdaFocal, BinaryFocalLoss(options: focal), options.parts,
        classes: RegionClasses(options.dice.classes, weights: options.dice.classWeights)),
    ]
  }
}
