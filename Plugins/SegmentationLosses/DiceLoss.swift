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
  public struct Options: OverlapLossOptions {
    /// How the overlap becomes a term, and of what.
    public var overlap = OverlapOptions()
    /// Whether the sizes are sums of squares.
    public var squared = false
    /// Whether the overlap is relative to the union of both, not to their sizes.
    public var jaccard = false
    public init() {}
    public static let fields: [OptionField<Self>] =
      OverlapOptions.smoothing.map { $0.inside(\.overlap) } + [
        .flag("squared", \.squared, "whether the sizes are sums of squares"),
        .flag("jaccard", \.jaccard, "whether the overlap is relative to the union, not the sizes"),
      ] + OverlapOptions.others.map { $0.inside(\.overlap) }
  }

  public static let metadata = LossMetadata(
    "dice", "One minus the overlap of prediction and target, relative to their sizes.",
    formula: "1 - (2 Σ t p + smooth) / (Σ t + Σ p + smooth_denominator)",
    domain: "Probabilities from 0 to 1, or logits. A region that is empty in both gives 0.",
    references: [
      "L. R. Dice, Measures of the Amount of Ecologic Association Between Species, 1945",
      "F. Milletari et al., V-Net, 2016",
    ],
    dialectEntries: [
      .flux("dice_coeff_loss", options: [.same("smooth")], overrides: ["squared": true]),
      .keras("dice", class: "Dice", overrides: DialectEntry.kerasOverlap),
      .monai(
        "DiceLoss", options: .monaiDice, overrides: DialectEntry.monaiOverlap,
        resolve: { $0.weighNoBackground() }),
      .monai(
        "MaskedDiceLoss", options: .monaiDice, overrides: DialectEntry.monaiOverlap,
        arguments: [.torchInput, .torchTarget, DialectArgument(.mask, "mask")],
        resolve: { $0.weighNoBackground() }),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isPlain = options.activation == .identity && options.absent == .include
    let isEven = ratio.above == ratio.below
    let isSmooth = ratio.above > 0 && ratio.below > 0 && options.absent == .include
    return (options.classWeights.isEmpty ? ratio.properties : [])
      + (isPlain ? [.symmetric] : [])
      + (isPlain && options.squared && isEven ? [.zeroAtTarget] : [])
      + (isSmooth ? [.twiceDifferentiable] : [])
  }
  private var ratio: OverlapRatio { options.overlap.ratio }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    try OverlapMeasure.dice(DiceMeasure(options)).evaluateTerms(
      pass, region, of: counted, options.activation, squared: options.squared)
  }
}

/// Twice the overlap, and what the sizes have beside it.
struct DiceMeasure: Sendable {
  let ratio: OverlapRatio
  /// How often an error counts beside twice the overlap: the union holds it once, the sizes half.
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

  func derivative(_ sums: SIMD4<Double>) -> SIMD4<Double> {
    let overlap = 2 * sums[0]
    let derivative = ratio.derivative(
      overlap: overlap, errors: errorFactor * (sums[1] + sums[2] - overlap),
      isAbsent: sums[1] == 0)
    let errors = errorFactor * derivative.errors
    return SIMD4(2 * (derivative.overlap - errors), errors, errors, 0)
  }
}
