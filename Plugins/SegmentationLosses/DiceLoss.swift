public import LossCore
import LossDialects

/// One minus the overlap of prediction and target, relative to their sizes.
///
///     1 - (2 Σ t p + s) / (Σ t + Σ p + d)            over a region, d = s unless it is given
///     1 - (2 Σ t p + s) / (Σ t² + Σ p² + d)          with `squared`
///     1 - (2 Σ t p + s) / (2 (Σ t + Σ p - Σ t p) + d)   with `jaccard`
///     - log(...) of the quotient                     with `logarithmic`
///
/// A class that does not count is in no sum, and its term is left out of a mean. A weight multiplies
/// the term of its class, or what the class adds to the sums of a region of several.
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region that is empty in both has
///   no overlap to lack: 0, unless only the denominator is smoothed.
/// - Gradient: `((2 Σ t p + s) / D - 2 t) / D` with the denominator `D`, divided by the quotient for
///   its logarithm; 0 where `D` is 0, where an absent class costs nothing by `absent`, and for the
///   logarithm of no overlap, which is infinite.
/// - Reference: L. R. Dice, "Measures of the Amount of Ecologic Association Between Species", 1945;
///   squared: F. Milletari et al., "V-Net", 2016.
public struct DiceLoss: ClassRegionLoss {
  /// What the sizes are and what is one region.
  public struct Options: LossOptions {
    /// What is added above and below.
    public var smooth = 1.0
    /// What is added below, if that is not what is added above.
    public var smoothDenominator: Double?
    /// Whether the sizes are sums of squares.
    public var squared = false
    /// Whether the overlap is relative to the union of both, not to their sizes.
    public var jaccard = false
    /// Whether the loss is minus the logarithm of the overlap, not the rest to 1.
    public var logarithmic = false
    /// What a region costs in which nothing is true.
    public var absent = Absent.counts
    /// Which classes count.
    public var classes = ClassSelection.all
    /// What each class weighs; empty for 1 each.
    public var classWeights: [Double] = []
    /// How a prediction becomes a probability.
    public var activation = Activation.none
    /// What is one region, and so what a term is.
    public var per = Region.all
    /// Sums of probabilities over everything.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .number(
        "smooth_denominator", \.smoothDenominator, .atLeast(0), "what is added below instead"),
      .flag("squared", \.squared, "whether the sizes are sums of squares"),
      .flag("jaccard", \.jaccard, "whether the overlap is relative to the union, not the sizes"),
      .flag("logarithmic", \.logarithmic, "minus the logarithm of the overlap, not the rest to 1"),
      .choice("absent", \.absent, "what a region costs in which nothing is true"),
      .classes("classes", \.classes, "which classes count"),
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
      .choice("activation", \.activation, "how a prediction becomes a probability"),
      .choice("per", \.per, "what is one region, and so what a term is"),
    ]
  }

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "dice", "One minus the overlap of prediction and target, relative to their sizes.",
    formula: "1 - (2 Σ t p + smooth) / (Σ t + Σ p + smooth_denominator)",
    domain: "Probabilities from 0 to 1, or logits. A region that is empty in both gives 0.",
    references: [
      "L. R. Dice, Measures of the Amount of Ecologic Association Between Species, 1945",
      "F. Milletari et al., V-Net, 2016",
    ],
    spellings: [
      .flux("dice_coeff_loss", options: [.same("smooth")], fixed: ["squared": true]),
      .keras("dice", class: "Dice", fixed: Spelling.kerasOverlap),
      .monai(
        "DiceLoss", options: .monaiDice, fixed: Spelling.monaiOverlap,
        finish: { $0.weighNoBackground() }),
      .monai(
        "MaskedDiceLoss", options: .monaiDice, fixed: Spelling.monaiOverlap,
        arguments: [.torchInput, .torchTarget, SpelledArgument(.mask, "mask")],
        finish: { $0.weighNoBackground() }),
    ])

  /// What the sizes are and what is one region.
  public let options: Options
  /// The loss.
  public init(options: Options = Options()) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    let isPlain = options.activation == .none && options.absent == .counts
    let isEven = ratio.above == ratio.below
    let isSmooth = ratio.above > 0 && ratio.below > 0 && options.absent == .counts
    return (options.classWeights.isEmpty ? ratio.traits : [])
      + (isPlain ? [.symmetric] : [])
      + (isPlain && options.squared && isEven ? [.zeroAtTarget] : [])
      + (isSmooth ? [.twiceDifferentiable] : [])
  }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature {
    options.per.signature(prediction: options.activation.domain, target: .probability)
  }
  var ratio: OverlapRatio { options.ratio }
  /// What one region is.
  public var region: Region { options.per }
  /// Which classes count, and what each weighs.
  public var counted: RegionClasses {
    RegionClasses(options.classes, weights: options.classWeights)
  }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    try DiceMeasure(options).walk(
      pass, options.per, of: counted, options.activation, squared: options.squared)
  }
}

extension DiceLoss.Options {
  var ratio: OverlapRatio {
    OverlapRatio(
      smooth: smooth, below: smoothDenominator, isLogarithmic: logarithmic, absent: absent)
  }
}

/// Twice the overlap, and what the sizes have beside it.
struct DiceMeasure: OverlapMeasure {
  let ratio: OverlapRatio
  /// How often an error counts beside twice the overlap: the union holds it once, the sizes half.
  let errorFactor: Double

  init(_ options: DiceLoss.Options) {
    ratio = options.ratio
    errorFactor = options.jaccard ? 2 : 1
  }

  func value(_ sums: SIMD4<Double>) -> Double {
    let overlap = 2 * sums[0]
    return ratio.value(
      overlap: overlap, errors: errorFactor * (sums[1] + sums[2] - overlap),
      isAbsent: sums[1] == 0)
  }

  func slope(_ sums: SIMD4<Double>) -> SIMD4<Double> {
    let overlap = 2 * sums[0]
    let slope = ratio.slope(
      overlap: overlap, errors: errorFactor * (sums[1] + sums[2] - overlap),
      isAbsent: sums[1] == 0)
    let errors = errorFactor * slope.errors
    return SIMD4(2 * (slope.overlap - errors), errors, errors, 0)
  }
}
