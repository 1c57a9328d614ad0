public import LossCore
import LossDialects

/// 1 − soft Dice coefficient.
///
/// A class that is not included enters no sum, and its term no mean. A class weight multiplies the
/// term of its class or, in a region of several classes, what the class adds to the sums.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
public struct DiceLoss: ClassRegionLoss {
  /// Options of the loss.
  public struct Options: OverlapLossOptions {
    /// Options of the overlap.
    public var overlap = OverlapOptions()
    /// Whether the denominator has sums of squares.
    public var squared = false
    /// Whether the overlap is divided by the union, not by the sizes.
    public var jaccard = false
    public init() {}
    public static let fields: [OptionField<Self>] =
      OverlapOptions.smoothing.map { $0.inside(\.overlap) } + [
        .flag("squared", \.squared, "whether the denominator has sums of squares"),
        .flag(
          "jaccard", \.jaccard, "whether the overlap is divided by the union, not by the sizes"),
      ] + OverlapOptions.others.map { $0.inside(\.overlap) }
  }

  public static let metadata = LossMetadata(
    "dice", "1 − soft Dice coefficient.",
    formula: """
      1 - (2 Σ t p + smooth) / (Σ t + Σ p + smooth_denominator)
      1 - (2 Σ t p + smooth) / (Σ t² + Σ p² + smooth_denominator)              with squared
      1 - (2 Σ t p + smooth) / (2 (Σ t + Σ p - Σ t p) + smooth_denominator)    with jaccard
      - log(1 - loss)                                                          with logarithmic
      """,
    domain: """
      Probabilities and targets from 0 to 1, or logits. A region that is \
      empty in both gives 0, unless only the denominator is smoothed.
      """,
    gradient: """
      0 where the denominator is 0, where absent is zero and \
      nothing is true, and for the logarithm of an overlap of 0.
      """,
    usage: """
      Segmentation with few foreground elements, usually with a cross entropy (dice_ce). tversky \
      weighs false positives and negatives differently, generalized_dice balances class sizes.
      """,
    related: ["jaccard", "tversky", "generalized_dice", "dice_ce"],
    alsoKnownAs: ["dsc", "soft_dice", "sorensen_dice"],
    references: [
      "L. R. Dice, Measures of the Amount of Ecologic Association Between Species, 1945",
      """
      F. Milletari et al., V-Net: Fully Convolutional Neural \
      Networks for Volumetric Medical Image Segmentation, 2016
      """,
    ],
    dialectEntries: [
      // Its documentation has numbers above 1.
      .flux("dice_coeff_loss", options: [.same("smooth")], overrides: ["squared": true])
        .checking(.none),
      .keras(
        "dice", class: "Dice", options: [.kerasRegionAxis], overrides: DialectEntry.kerasOverlap),
      .monai(
        "DiceLoss", options: .monaiDice, overrides: DialectEntry.monaiOverlap,
        resolve: { $0.insertBackgroundWeight() }),
      .monai(
        "MaskedDiceLoss", options: .monaiDice, overrides: DialectEntry.monaiOverlap,
        arguments: [.torchInput, .torchTarget, DialectArgument(.mask, "mask")],
        resolve: { $0.insertBackgroundWeight() }
      ).preparing(.wholeMask),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isPlain = options.readsProbabilities && options.absent == .include
    let isEven = ratio.above == ratio.below
    let isSmooth = ratio.above > 0 && ratio.below > 0 && options.absent == .include
    return (options.classWeights.isEmpty ? ratio.properties : [])
      + (isPlain ? [.symmetric] : [])
      + (isPlain && options.squared && isEven ? [.zeroAtTarget] : [])
      + (isSmooth ? [.twiceDifferentiable] : [])
  }
  private var ratio: OverlapRatio { options.overlap.ratio }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try OverlapMeasure.dice(DiceMeasure(options)).evaluateTerms(
      context, region, of: counted, options.activation(classCount: context.rows.length),
      squared: options.squared)
  }
}

/// The Dice ratio from the sums of overlap and sizes.
struct DiceMeasure: Sendable {
  let ratio: OverlapRatio
  /// The weight of an error relative to twice the overlap: 2 for the union, 1 for the sizes.
  let errorFactor: Double

  init(_ options: DiceLoss.Options) {
    ratio = options.overlap.ratio
    errorFactor = options.jaccard ? 2 : 1
  }

  func value(_ sums: SIMD4<Double>) -> Double {
    let overlap = 2 * sums[0]
    return ratio.value(
      overlap: overlap, errors: errorFactor * (sums[1] + sums[2] - overlap),
      isAbsent: sums[1] == 0)
  }

  func derivative<N: LossArithmetic>(_ sums: (N, N, N)) -> (N, N, N) {
    let overlap = 2 * sums.0
    let derivative = ratio.derivative(
      overlap: overlap, errors: N(errorFactor) * (sums.1 + sums.2 - overlap),
      isAbsent: sums.1 == 0)
    let errors = N(errorFactor) * derivative.errors
    return (2 * (derivative.overlap - errors), errors, errors)
  }
}
