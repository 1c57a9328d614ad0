public import ClassificationLosses
public import LossComposition
public import LossCore
import LossDialects
public import SegmentationLosses

/// The overlap of all classes, in which rare ones weigh more, and the hard elements, added.
///
///     λ₁ mean(generalized_dice) + λ₂ mean(w binary_focal)        with the weight w of the class
///
/// - Shape: prediction `[sample, ..., class]` and target equal to it, or class indices without the class
///   axis; one term, that of everything. A mask has the shape of prediction.
/// - Domain: logits of any size. `activation` is what makes probabilities of them for the overlap; the
///   focal part takes the sigmoid of each.
/// - Gradient: the sum of those of `generalized_dice` and `binary_focal`; the target has none.
/// - Reference: the classes `GeneralizedDiceFocalLoss` of MONAI; its parts are those of C. H. Sudre et
///   al., 2017, and T.-Y. Lin et al., 2017.
public struct GeneralizedDiceFocalLoss: CompoundLoss {
  /// The options of both, and what each is multiplied by.
  public struct Options: LossOptions {
    /// Those of the overlap; which classes count holds for both.
    public var dice = GeneralizedDiceLoss.Options.ofLogits
    /// Those of the focal part.
    public var focal = BinaryFocalLoss.Options()
    /// What each class weighs in the focal part; empty for 1 each.
    public var classWeights: [Double] = []
    /// What the overlap is multiplied by.
    public var lambdaDice = 1.0
    /// What the focal part is multiplied by.
    public var lambdaFocal = 1.0
    /// How the terms of each become one number.
    public var parts = PartReduction.mean
    public init() {}
    public static let fields: [OptionField<Self>] =
      GeneralizedDiceLoss.Options.fields.map { $0.inside(\.dice) }
      + BinaryFocalLoss.Options.ofLogits.map { $0.inside(\.focal) } + [
        .numbers(
          "class_weights", \.classWeights, .atLeast(0),
          "what each class weighs in the focal part"),
        .number("lambda_dice", \.lambdaDice, .atLeast(0), "what the overlap is multiplied by"),
        .number("lambda_focal", \.lambdaFocal, .atLeast(0), "what the focal part is multiplied by"),
        .choice("parts", \.parts, "how the terms of each become one number"),
      ]
  }

  public static let metadata = LossMetadata(
    "generalized_dice_focal", "The overlap of all classes and the hard elements, added.",
    formula: "lambda_dice mean(generalized_dice) + lambda_focal mean(w binary_focal)",
    domain: "Logits of any size.",
    references: [
      "C. H. Sudre et al., Generalised Dice Overlap as a Deep Learning Loss Function for Highly"
        + " Unbalanced Segmentations, 2017",
      "T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017",
    ],
    dialectEntries: [
      .monai(
        "GeneralizedDiceFocalLoss",
        options: .monaiGeneralized + [
          .monaiMean, .same("lambda_gdl", as: "lambda_dice"), .same("lambda_focal"),
          .same("gamma"), .classWeights("weight"),
        ], overrides: DialectEntry.monaiGeneralized.merging(["activation": "none"]) { $1 },
        resolve: { $0.weighNoBackground() })
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  /// Logits; probabilities or class indices for target.
  public var signature: LossSignature {
    options.dice.per.region.compoundSignature(targetHasGradient: false)
  }
  /// The classes that the options name, and one weight for each class.
  public func check(classCount: Int) throws(LossError) { try counted.check(classCount: classCount) }

  private var counted: RegionClasses {
    RegionClasses(options.dice.classes, weights: options.classWeights)
  }

  /// Generalised Dice and binary focal.
  public func parts(classCount: Int) -> [CompoundPart] {
    var dice = options.dice
    dice.activation = dice.activation.fitted(to: classCount)
    return [
      CompoundPart(options.lambdaDice, GeneralizedDiceLoss(options: dice), options.parts),
      CompoundPart(
        options.lambdaFocal, BinaryFocalLoss(options: options.focal), options.parts,
        classes: counted),
    ]
  }
}
