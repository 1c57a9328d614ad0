public import LossCore
import LossDialects

/// One minus the overlap of prediction and target, relative to their sizes.
///
///     1 - (2 Σ t p + s) / (Σ t + Σ p + s)            over a region
///     1 - (2 Σ t p + s) / (Σ t² + Σ p² + s)          with `squared`
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region that is empty in both has
///   no overlap to lack: 0.
/// - Gradient: `((2 Σ t p + s) / D - 2 t) / D` with the denominator `D`; 0 where `D` is 0.
/// - Reference: L. R. Dice, "Measures of the Amount of Ecologic Association Between Species", 1945;
///   squared: F. Milletari et al., "V-Net", 2016.
public struct DiceLoss: RegionLoss {
  /// What the sizes are and what is one region.
  public struct Options: LossOptions {
    /// What is added above and below.
    public var smooth = 1.0
    /// Whether the sizes are sums of squares.
    public var squared = false
    /// Whether the prediction holds logits; otherwise probabilities.
    public var fromLogits = false
    /// What is one region, and so what a term is.
    public var per = Region.all
    /// Sums of probabilities over everything.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .flag("squared", \.squared, "whether the sizes are sums of squares"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .choice("per", \.per, "what is one region, and so what a term is"),
    ]
  }

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "dice", "One minus the overlap of prediction and target, relative to their sizes.",
    formula: "1 - (2 Σ t p + smooth) / (Σ t + Σ p + smooth)",
    domain: "Probabilities from 0 to 1, or logits. A region that is empty in both gives 0.",
    references: [
      "L. R. Dice, Measures of the Amount of Ecologic Association Between Species, 1945",
      "F. Milletari et al., V-Net, 2016",
    ],
    spellings: [
      .flux("dice_coeff_loss", options: [.same("smooth")], fixed: ["squared": true])
    ])

  /// What the sizes are and what is one region.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options = Options()) { self.options = options }
  /// What is one region.
  public var region: Region { options.per }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature {
    region.signature(prediction: options.fromLogits ? .any : .probability, target: .probability)
  }
  /// Overlap and both sizes.
  @inlinable public static var sumCount: Int { 3 }

  /// The overlap and both sizes of one element.
  @inlinable @inline(__always)
  public func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = RegionProbability.value(prediction, fromLogits: options.fromLogits)
    return options.squared
      ? (target * p, target * target, p * p, 0) : (target * p, target, p, 0)
  }

  /// The derivative through the overlap and both sizes.
  @inlinable @inline(__always)
  public func gradient<S: LossScalar>(
    _ prediction: S, _ target: S, _ slopes: (S, S, S, S)
  ) -> (S, S) {
    let p = RegionProbability.value(prediction, fromLogits: options.fromLogits)
    let slope = RegionProbability.slope(prediction, fromLogits: options.fromLogits)
    let squared = options.squared
    return (
      slope * (target * slopes.0 + (squared ? 2 * p : 1) * slopes.2),
      p * slopes.0 + (squared ? 2 * target : 1) * slopes.1
    )
  }

  /// One minus the overlap; the difference is taken before the division, where nothing cancels.
  public func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    let size = sums[1] + sums[2] + options.smooth
    return size == 0 ? 0 : (sums[1] + sums[2] - 2 * sums[0]) / size
  }

  /// The derivatives with respect to the overlap and both sizes.
  public func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let size = sums[1] + sums[2] + options.smooth
    guard size != 0 else { return .zero }
    let relative = (2 * sums[0] + options.smooth) / size / size
    return SIMD4(-2 / size, relative, relative, 0)
  }
}
