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
public struct DiceLoss: FormLoss {
  /// What the sizes are and what is one region.
  public struct Options: LossOptions {
    /// What is added above and below.
    public var smooth = 1.0
    /// Whether the sizes are sums of squares.
    public var squared = false
    /// How a prediction becomes a probability.
    public var activation = Activation.none
    /// What is one region, and so what a term is.
    public var per = Region.all
    /// Sums of probabilities over everything.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .flag("squared", \.squared, "whether the sizes are sums of squares"),
      .choice("activation", \.activation, "how a prediction becomes a probability"),
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
  /// What it claims.
  public var traits: [LossTrait] {
    let isPlain = options.activation == .none
    return [.range(0...1)] + (isPlain ? [.symmetric] : [])
      + (isPlain && options.squared ? [.zeroAtTarget] : [])
      + (options.smooth > 0 ? [.twiceDifferentiable] : [])
  }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature {
    options.per.signature(prediction: options.activation.domain, target: .probability)
  }
  /// Walks the regions with the formula that the options name.
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    switch (options.activation, options.squared) {
    case (.none, false): try Dice<Identity, Plain>(options.smooth).walk(pass, options.per)
    case (.none, true): try Dice<Identity, Squared>(options.smooth).walk(pass, options.per)
    case (.sigmoid, false): try Dice<Sigmoid, Plain>(options.smooth).walk(pass, options.per)
    case (.sigmoid, true): try Dice<Sigmoid, Squared>(options.smooth).walk(pass, options.per)
    case (.softmax, false):
      try Dice<Identity, Plain>(options.smooth).walkSoftmax(pass, options.per)
    case (.softmax, true):
      try Dice<Identity, Squared>(options.smooth).walkSoftmax(pass, options.per)
    }
  }
}

/// The formula, for one activation and one way of measuring a size.
@usableFromInline struct Dice<Reading: ElementActivation, Size: RegionSize>: RegionFormula {
  @usableFromInline let smooth: Double

  @inlinable init(_ smooth: Double) { self.smooth = smooth }

  /// Overlap and both sizes.
  @inlinable static var sumCount: Int { 3 }

  @inlinable @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = Reading.probability(prediction)
    return (target * p, Size.value(target), Size.value(p), 0)
  }

  @inlinable @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ slopes: (S, S, S, S)) -> (S, S) {
    let p = Reading.probability(prediction)
    return (
      Reading.slope(prediction) * (target * slopes.0 + Size.slope(p) * slopes.2),
      p * slopes.0 + Size.slope(target) * slopes.1
    )
  }

  /// The difference is taken before the division, where nothing cancels.
  @inlinable
  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    let size = sums[1] + sums[2] + smooth
    return size == 0 ? 0 : (sums[1] + sums[2] - 2 * sums[0]) / size
  }

  @inlinable
  func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let size = sums[1] + sums[2] + smooth
    guard size != 0 else { return .zero }
    let relative = (2 * sums[0] + smooth) / size / size
    return SIMD4(-2 / size, relative, relative, 0)
  }
}
