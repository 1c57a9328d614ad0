public import LossCore

/// A power of the Tversky loss, which turns the attention to regions with little, or much, overlap.
///
/// With `TP = Σ t p`, `FP = Σ (1 - t) p` and `FN = Σ t (1 - p)` over a region:
///
///     (1 - (TP + s) / (TP + a FP + b FN + s))^γ
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region where the denominator is 0
///   gives 0.
/// - Gradient: through the three sums; 0 in a region whose overlap lacks nothing, where a power below 1
///   has no finite slope.
/// - Reference: N. Abraham, N. M. Khan, "A Novel Focal Tversky Loss Function With Improved Attention
///   U-Net for Lesion Segmentation", 2019, whose 4/3 is one over `gamma`.
public struct FocalTverskyLoss: FormLoss {
  /// What the errors weigh, the power, and what is one region.
  public struct Options: LossOptions {
    /// The power.
    public var gamma = 0.75
    /// What a false positive weighs.
    public var falsePositiveWeight = 0.3
    /// What a false negative weighs.
    public var falseNegativeWeight = 0.7
    /// What is added above and below.
    public var smooth = 1.0
    /// How a prediction becomes a probability.
    public var activation = Activation.none
    /// What is one region, and so what a term is.
    public var per = Region.all
    /// The weights and the power of the paper, over everything.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "the power"),
      .number(
        "false_positive_weight", \.falsePositiveWeight, .atLeast(0),
        "what a false positive weighs"),
      .number(
        "false_negative_weight", \.falseNegativeWeight, .atLeast(0),
        "what a false negative weighs"),
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .choice("activation", \.activation, "how a prediction becomes a probability"),
      .choice("per", \.per, "what is one region, and so what a term is"),
    ]
  }

  /// The name and the formula.
  public static let card = LossCard(
    "focal_tversky", "A power of the Tversky loss.",
    formula: "(1 - (TP + smooth) / (TP + a FP + b FN + smooth))^gamma",
    domain: "Probabilities from 0 to 1, or logits.",
    references: [
      "N. Abraham, N. M. Khan, A Novel Focal Tversky Loss Function With Improved Attention U-Net"
        + " for Lesion Segmentation, 2019"
    ])

  /// What the errors weigh, the power, and what is one region.
  public let options: Options
  /// The loss.
  public init(options: Options = Options()) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    let isEven = options.falsePositiveWeight == options.falseNegativeWeight
    return [.range(0...1)] + (options.activation == .none && isEven ? [.symmetric] : [])
  }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature {
    options.per.signature(prediction: options.activation.domain, target: .probability)
  }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    var tversky = TverskyLoss.Options()
    tversky.falsePositiveWeight = options.falsePositiveWeight
    tversky.falseNegativeWeight = options.falseNegativeWeight
    tversky.smooth = options.smooth
    let power = options.gamma
    switch options.activation {
    case .none: try RegionPower(Tversky<Identity>(tversky), power).walk(pass, options.per)
    case .sigmoid: try RegionPower(Tversky<Sigmoid>(tversky), power).walk(pass, options.per)
    case .softmax: try RegionPower(Tversky<Identity>(tversky), power).walkSoftmax(pass, options.per)
    }
  }
}

/// A power of a formula over regions.
struct RegionPower<Base: RegionFormula>: RegionFormula {
  let base: Base
  let power: Double

  init(_ base: Base, _ power: Double) {
    self.base = base
    self.power = power
  }

  static var sumCount: Int { Base.sumCount }
  static var sources: (RegionSource, RegionSource, RegionSource, RegionSource) {
    Base.sources
  }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    base.summands(prediction, target)
  }

  @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ slopes: (S, S, S, S)) -> (S, S) {
    base.gradient(prediction, target, slopes)
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    Double.power(base.value(sums, count: count), power)
  }

  func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let value = base.value(sums, count: count)
    guard value != 0 else { return .zero }
    return base.slope(sums, count: count) * (power * Double.power(value, power - 1))
  }
}
