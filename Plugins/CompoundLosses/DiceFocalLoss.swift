public import ClassificationLosses
public import LossComposition
public import LossCore
import LossDialects
public import SegmentationLosses

/// The overlap of regions and the hard elements, added: Dice and binary focal.
///
///     λ₁ mean(dice) + λ₂ mean(w binary_focal)        with the weight w of the class
///
/// - Shape: prediction `[sample, ..., class]` and target equal to it, or class indices without the class
///   axis; one term, that of everything. A mask has the shape of prediction.
/// - Domain: logits of any size. `activation` is what makes probabilities of them for the overlap; the
///   focal part takes the sigmoid of each.
/// - Gradient: the sum of those of `dice` and `binary_focal`.
/// - Reference: W. Zhu et al., "AnatomyNet", Medical Physics 46 (2019).
public struct DiceFocalLoss: CompoundLoss {
  /// The options of both, and what each is multiplied by.
  public struct Options: LossOptions {
    /// Those of the overlap; which classes count and what they weigh holds for both.
    public var dice = DiceLoss.Options.ofLogits
    /// Those of the focal part.
    public var focal = BinaryFocalLoss.Options()
    /// What the overlap is multiplied by.
    public var lambdaDice = 1.0
    /// What the focal part is multiplied by.
    public var lambdaFocal = 1.0
    /// How the terms of each become one number.
    public var parts = PartReduction.mean
    public init() {}
    public static let fields: [OptionField<Self>] =
      DiceLoss.Options.fields.map { $0.inside(\.dice) }
      + BinaryFocalLoss.Options.ofLogits.map { $0.inside(\.focal) } + [
        .number("lambda_dice", \.lambdaDice, .atLeast(0), "what the overlap is multiplied by"),
        .number("lambda_focal", \.lambdaFocal, .atLeast(0), "what the focal part is multiplied by"),
        .choice("parts", \.parts, "how the terms of each become one number"),
      ]
  }

  public static let metadata = LossMetadata(
    "dice_focal", "The overlap of regions and the hard elements, added.",
    formula: "lambda_dice mean(dice) + lambda_focal mean(w binary_focal)",
    domain: "Logits of any size.", references: ["W. Zhu et al., AnatomyNet, 2019"],
    dialectEntries: [
      .monai(
        "DiceFocalLoss",
        options: .monaiDice + [
          .monaiMean, .same("lambda_dice"), .same("lambda_focal"), .same("gamma"), .same("alpha"),
        ], overrides: DialectEntry.monaiOverlap.merging(["activation": "none"]) { $1 },
        resolve: { $0.weighNoBackground() })
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  /// Logits; probabilities or class indices for target.
  public var signature: LossSignature { options.dice.per.compoundSignature() }
  /// The classes that the options name, and one weight for each class.
  public func check(classCount: Int) throws(LossError) {
    try DiceLoss(options: options.dice).check(classCount: classCount)
  }

  /// Dice and binary focal.
  public func parts(classCount: Int) -> [CompoundPart] {
    [
      CompoundPart(
        options.lambdaDice, DiceLoss(options: options.dice.fitted(to: classCount)), options.parts),
      CompoundPart(
        options.lambdaFocal, BinaryFocalLoss(options: options.focal), options.parts,
        classes: RegionClasses(options.dice.classes, weights: options.dice.classWeights)),
    ]
  }
}
