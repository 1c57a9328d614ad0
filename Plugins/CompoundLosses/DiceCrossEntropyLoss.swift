import ClassificationLosses
public import LossComposition
public import LossCore
import LossDialects
public import SegmentationLosses

/// The overlap of regions and the surprise at each place, added: Dice and cross entropy.
///
///     λ₁ mean(dice) + λ₂ mean(cross_entropy)
///
/// - Shape: prediction `[sample, ..., class]` and target equal to it, or class indices without the class
///   axis; one term, that of everything. A mask has the shape of prediction; a place of which it takes
///   out an element is in no cross entropy.
/// - Domain: logits of any size. `activation` is what makes probabilities of them for the overlap; the
///   cross entropy takes the softmax of the classes. One class has a sigmoid for both, the binary
///   cross entropy without smoothing, and a weight for what is true.
/// - Gradient: the sum of those of `dice` and `cross_entropy`.
/// - Reference: F. Isensee et al., "nnU-Net", Nature Methods 18 (2021).
public struct DiceCrossEntropyLoss: CompoundLoss {
  /// The options of both, and what each is multiplied by.
  public struct Options: LossOptions {
    /// Those of the overlap; the weights of the classes are those of the cross entropy as well.
    public var dice = DiceLoss.Options.ofLogits
    /// How much of the target is spread evenly over all classes, in the cross entropy.
    public var labelSmoothing = 0.0
    /// What the overlap is multiplied by.
    public var lambdaDice = 1.0
    /// What the cross entropy is multiplied by.
    public var lambdaCrossEntropy = 1.0
    /// How the terms of each become one number.
    public var parts = PartReduction.mean
    public init() {}
    public static let fields: [OptionField<Self>] =
      DiceLoss.Options.fields.map { $0.inside(\.dice) } + [
        .number(
          "label_smoothing", \.labelSmoothing, .from(0, to: 1),
          "how much of the target is spread evenly over all classes, in the cross entropy"),
        .number("lambda_dice", \.lambdaDice, .atLeast(0), "what the overlap is multiplied by"),
        .number(
          "lambda_cross_entropy", \.lambdaCrossEntropy, .atLeast(0),
          "what the cross entropy is multiplied by"),
        .choice("parts", \.parts, "how the terms of each become one number"),
      ]
  }

  public static let metadata = LossMetadata(
    "dice_ce", "The overlap of regions and the surprise at each place, added.",
    formula: "lambda_dice mean(dice) + lambda_cross_entropy mean(cross_entropy)",
    domain: "Logits of any size. One class has a sigmoid, several a softmax.",
    references: ["F. Isensee et al., nnU-Net, 2021"],
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
  /// Logits; probabilities or class indices for target.
  public var signature: LossSignature { options.dice.per.compoundSignature() }
  /// The classes that the options name, and one weight for each class.
  public func check(classCount: Int) throws(LossError) {
    try DiceLoss(options: options.dice).check(classCount: classCount)
  }

  /// Dice, and the cross entropy of one class or of several.
  public func parts(classCount: Int) -> [CompoundPart] {
    let dice = DiceLoss(options: options.dice.fitted(to: classCount))
    return [
      CompoundPart(options.lambdaDice, dice, options.parts),
      classCount == 1 ? binary : categorical,
    ]
  }

  private var binary: CompoundPart {
    var binary = BinaryCrossEntropyLoss.Options()
    binary.positiveWeight = options.dice.classWeights.first ?? 1
    return CompoundPart(
      options.lambdaCrossEntropy, BinaryCrossEntropyLoss(options: binary), options.parts)
  }

  private var categorical: CompoundPart {
    var categorical = CrossEntropyLoss.Options()
    categorical.classWeights = options.dice.classWeights
    categorical.labelSmoothing = options.labelSmoothing
    return CompoundPart(
      options.lambdaCrossEntropy, CrossEntropyLoss(options: categorical), options.parts)
  }
}
