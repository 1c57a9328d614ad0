public import ClassificationLosses
public import LossComposition
public import LossCore
import LossDialects
public import SegmentationLosses

/// Generalised Dice loss plus sigmoid focal loss.
///
/// The target has no gradient.
///
/// - Shape: prediction and mask `[sample, ..., class]`, target the same or class indices; one term.
public struct GeneralizedDiceFocalLoss: CompoundLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Options of the generalised Dice part; its classes are those of the focal part as well.
    public var dice = GeneralizedDiceLoss.Options.ofLogits
    /// Options of the focal part.
    public var focal = BinaryFocalLoss.Options()
    /// Weight of each class in the focal part; empty for 1 each.
    public var classWeights: [Double] = []
    /// Weight of the Dice part.
    public var lambdaDice = 1.0
    /// Weight of the focal part.
    public var lambdaFocal = 1.0
    /// Reduction of the terms of each part.
    public var parts = PartReduction.mean
    public init() {}
    public static let fields: [OptionField<Self>] =
      GeneralizedDiceLoss.Options.fields.map { $0.inside(\.dice) }
      + BinaryFocalLoss.Options.ofLogits.map { $0.inside(\.focal) } + [
        .numbers(
          "class_weights", \.classWeights, .atLeast(0),
          "weight of each class in the focal part; empty for 1 each"),
        .number("lambda_dice", \.lambdaDice, .atLeast(0), "weight of the Dice part"),
        .number("lambda_focal", \.lambdaFocal, .atLeast(0), "weight of the focal part"),
        .choice("parts", \.parts, "reduction of the terms of each part"),
      ]
  }

  public static let metadata = LossMetadata(
    "generalized_dice_focal", "Generalised Dice loss plus sigmoid focal loss.",
    formula: """
      lambda_dice mean(generalized_dice) + lambda_focal mean(w binary_focal)
      w = class_weights
      """,
    domain: """
      Logits of any size: activation turns them into probabilities for the Dice part, and the \
      focal part takes the sigmoid of each. Probabilities for both parts without from_logits.
      """,
    usage: """
      Segmentation into classes of very different size with many easy \
      elements. dice_focal does without the weights by class size.
      """,
    related: ["generalized_dice", "binary_focal", "dice_focal"],
    references: [
      "MONAI, GeneralizedDiceFocalLoss",
      """
      C. H. Sudre et al., Generalised Dice Overlap as a Deep Learning \
      Loss Function for Highly Unbalanced Segmentations, 2017
      """,
      "T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017",
    ],
    dialectEntries: [
      .monai(
        "GeneralizedDiceFocalLoss",
        options: .monaiGeneralized + [
          .monaiMean, .same("lambda_gdl", as: "lambda_dice"), .same("lambda_focal"),
          .same("gamma"), .monaiFocalPartWeight,
        ], overrides: DialectEntry.monaiGeneralized.merging(["activation": "none"]) { $1 },
        resolve: { $0.insertBackgroundWeight() })
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var signature: LossSignature {
    options.dice.per.region.compoundSignature(
      targetHasGradient: false, readsProbabilities: options.dice.hasPartOfProbabilities)
  }
  public func check(classCount: Int) throws(LossError) { try counted.check(classCount: classCount) }

  private var counted: RegionClasses {
    RegionClasses(options.dice.classes, weights: options.classWeights)
  }

  public func parts(classCount: Int) -> [CompoundPart] {
    var focal = options.focal
    focal.fromLogits = options.dice.fromLogits
    let dice = options.dice.part(of: classCount)
    return [
      CompoundPart(options.lambdaDice, GeneralizedDiceLoss(options: dice), options.parts),
      CompoundPart(
        options.lambdaFocal, BinaryFocalLoss(options: focal), options.parts,
        classes: counted),
    ]
  }
}
