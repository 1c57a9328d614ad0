public import LossCore
import LossDialects

/// One minus the overlap, where false positives and false negatives weigh as they are told to.
///
/// With `TP = Σ t p`, `FP = Σ (1 - t) p` and `FN = Σ t (1 - p)` over a region:
///
///     1 - (TP + s) / (TP + a FP + b FN + s)
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region where the denominator is 0
///   gives 0.
/// - Gradient: through the three sums; 0 where the denominator is 0.
/// - Reference: S. S. M. Salehi et al., "Tversky Loss Function for Image Segmentation Using 3D Fully
///   Convolutional Deep Networks", 2017.
public struct TverskyLoss: FormLoss {
  /// What the errors weigh and what is one region.
  public struct Options: LossOptions {
    /// What a false positive weighs.
    public var falsePositiveWeight = 0.5
    /// What a false negative weighs.
    public var falseNegativeWeight = 0.5
    /// What is added above and below.
    public var smooth = 1.0
    /// How a prediction becomes a probability.
    public var activation = Activation.none
    /// What is one region, and so what a term is.
    public var per = Region.all
    /// Half for both errors, over everything.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
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

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "tversky", "One minus the overlap, with weights for the two kinds of error.",
    formula: "1 - (TP + smooth) / (TP + a FP + b FN + smooth)",
    domain: "Probabilities from 0 to 1, or logits.",
    references: [
      "S. S. M. Salehi et al., Tversky Loss Function for Image Segmentation Using 3D Fully"
        + " Convolutional Deep Networks, 2017"
    ],
    spellings: [
      .flux(
        "tversky_loss", options: [.fluxBeta],
        fixed: ["false_positive_weight": 0.7, "false_negative_weight": .number(1 - 0.7)])
    ])

  /// What the errors weigh and what is one region.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options = Options()) { self.options = options }
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
  @inlinable
  public func run<S: LossScalar>(_ pass: borrowing LossPass<S>) throws(LossError) {
    switch options.activation {
    case .none: try Tversky<Identity>(options).walk(pass, options.per)
    case .sigmoid: try Tversky<Sigmoid>(options).walk(pass, options.per)
    case .softmax: try Tversky<Identity>(options).walkSoftmax(pass, options.per)
    }
  }
}

/// The formula, for one activation.
@usableFromInline struct Tversky<Reading: ElementActivation>: RegionFormula {
  @usableFromInline let falsePositiveWeight: Double
  @usableFromInline let falseNegativeWeight: Double
  @usableFromInline let smooth: Double

  @inlinable
  init(_ options: TverskyLoss.Options) {
    falsePositiveWeight = options.falsePositiveWeight
    falseNegativeWeight = options.falseNegativeWeight
    smooth = options.smooth
  }

  /// True positives, false positives, false negatives.
  @inlinable static var sumCount: Int { 3 }

  @inlinable @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let p = Reading.probability(prediction)
    return (target * p, (1 - target) * p, target * Reading.rest(prediction), 0)
  }

  @inlinable @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ slopes: (S, S, S, S)) -> (S, S) {
    let p = Reading.probability(prediction)
    let slope = target * (slopes.0 - slopes.2) + (1 - target) * slopes.1
    return (
      Reading.slope(prediction) * slope,
      p * (slopes.0 - slopes.1) + Reading.rest(prediction) * slopes.2
    )
  }

  /// One minus the overlap: the weighted errors over the whole.
  @inlinable
  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    let (errors, whole) = parts(sums)
    return whole == 0 ? 0 : errors / whole
  }

  @inlinable
  func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let (errors, whole) = parts(sums)
    guard whole != 0 else { return .zero }
    let overlap = (whole - errors) / whole / whole
    return SIMD4(
      -errors / whole / whole, falsePositiveWeight * overlap, falseNegativeWeight * overlap, 0)
  }

  @inlinable
  func parts(_ sums: SIMD4<Double>) -> (errors: Double, whole: Double) {
    let errors = falsePositiveWeight * sums[1] + falseNegativeWeight * sums[2]
    return (errors, sums[0] + errors + smooth)
  }
}

extension SpelledOption {
  /// Flux's β, which its code puts on the false positives, whatever its documentation says.
  static let fluxBeta = SpelledOption("beta", "β", summary: "what a false positive weighs") {
    (value, selection) throws(LossError) in
    guard let beta = Double(optionValue: value), beta >= 0, beta <= 1 else {
      throw LossError(
        .invalidOption, subject: "beta", found: "is \(value.text)",
        expected: "a number from zero to 1")
    }
    selection.options["false_positive_weight"] = .number(beta)
    selection.options["false_negative_weight"] = .number(1 - beta)
  }
}
