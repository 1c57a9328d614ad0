public import LossCore
import LossDialects

/// The surprise at a yes or a no, element by element.
///
/// With a probability `p` (sigmoid of the logit), target `t` from 0 to 1 after smoothing:
///
///     - (positive · t log(p + ε) + negative · (1 - t) log(1 - p + ε))
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: logits of any size, also ±∞ on their own side; probabilities from 0 to 1, with
///   `0 log 0 = 0`, first clipped to `clip ... 1 - clip`.
/// - Gradient: `negative (1 - t) σ(x) - positive t σ(-x)` for a logit `x`;
///   `negative (1 - t) / (1 - p + ε) - positive t / (p + ε)` for a probability, 0 where it is
///   clipped; for the target the difference of the two logarithms.
/// - Reference: D. R. Cox, "The Regression Analysis of Binary Sequences", 1958.
public struct BinaryCrossEntropyLoss: ElementwiseFormLoss {
  /// What the prediction is, and what each answer weighs.
  public struct Options: LossOptions {
    /// Whether the prediction holds logits; otherwise probabilities.
    public var fromLogits = true
    /// What a target of 1 weighs.
    public var positiveWeight = 1.0
    /// What a target of 0 weighs.
    public var negativeWeight = 1.0
    /// How far targets are drawn from 0 and 1 to ½.
    public var labelSmoothing = 0.0
    /// What is added to a probability before the logarithm.
    public var epsilon: Epsilon = 0
    /// How near to 0 and 1 a probability may come.
    public var clip = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .number("positive_weight", \.positiveWeight, .atLeast(0), "what a target of 1 weighs"),
      .number("negative_weight", \.negativeWeight, .atLeast(0), "what a target of 0 weighs"),
      .number(
        "label_smoothing", \.labelSmoothing, .from(0, to: 1),
        "how far targets are drawn from 0 and 1 to a half"),
      .epsilon("epsilon", \.epsilon, "what is added to a probability before the logarithm"),
      .number("clip", \.clip, .from(0, below: 0.5), "how near to 0 and 1 a probability may come"),
    ]
  }

  public static let metadata = LossMetadata(
    "binary_cross_entropy", "The surprise at a yes or a no, element by element.",
    formula: "- (positive t log(p + ε) + negative (1 - t) log(1 - p + ε)),  p = σ(prediction)",
    domain: "Logits of any size; probabilities from 0 to 1, 0 log 0 is 0.",
    references: ["D. R. Cox, The Regression Analysis of Binary Sequences, 1958"],
    dialectEntries: [
      .flux(
        "binarycrossentropy", options: [.fluxEpsilon],
        overrides: ["from_logits": false, "epsilon": "machine"]),
      .flux("logitbinarycrossentropy"),
      .axon(
        "binary_cross_entropy", terms: .meanOfLastAxis,
        options: [.same("from_logits"), .same("positive_weight"), .same("negative_weight")],
        overrides: [
          "from_logits": false, "epsilon": DialectEntry.axonEpsilon,
          "clip": DialectEntry.axonEpsilon,
        ]
      ) { selection in
        // With a weight Axon averages over everything, whatever the reduction says.
        if !selection.given.isDisjoint(with: ["positive_weight", "negative_weight"]) {
          selection.reduction = .mean
        }
      },
      .torch(
        "binary_cross_entropy", class: "BCELoss", overrides: ["from_logits": false]),
      .torch(
        "binary_cross_entropy_with_logits", class: "BCEWithLogitsLoss",
        options: [.same("pos_weight", as: "positive_weight")]),
      .keras(
        "binary_crossentropy", "bce", "BCE", class: "BinaryCrossentropy", terms: .meanOfLastAxis,
        options: [.same("from_logits"), .same("label_smoothing"), .kerasMeanAxis],
        overrides: ["from_logits": false, "clip": DialectEntry.kerasEpsilon]),
      .optax("sigmoid_binary_cross_entropy", "binary_logistic_loss"),
      .mlx(
        "binary_cross_entropy", reduction: .mean,
        options: [.same("with_logits", as: "from_logits")]),
      .smp(
        "SoftBCEWithLogitsLoss",
        options: [.smpReduction, .same("pos_weight", as: "positive_weight"), .smpSmoothing]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits {
      let steepest = max(options.positiveWeight, options.negativeWeight)
      return [.convex, .nonNegative, .lipschitz(steepest), .twiceDifferentiable]
    }
    // Adding to a probability lets it pass 1; clipping flattens the loss where it is largest.
    return (options.epsilon == 0 ? [.nonNegative] : []) + (options.clip == 0 ? [.convex] : [])
  }
  /// Logits or probabilities, and targets from 0 to 1.
  public var signature: LossSignature {
    options.fromLogits ? .elementwiseLogits : .elementwiseProbabilities
  }

  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  /// Walks the elements with the formula for logits or for probabilities.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    if options.fromLogits {
      try LogitCrossEntropy(options).evaluateTerms(pass)
    } else {
      try ProbabilityCrossEntropy(options).evaluateTerms(pass)
    }
  }
}

/// What the two answers weigh after smoothing.
struct SmoothedTarget: Sendable {
  let positive: Double
  let negative: Double
  let smoothing: Double

  init(_ options: BinaryCrossEntropyLoss.Options) {
    positive = options.positiveWeight
    negative = options.negativeWeight
    smoothing = options.labelSmoothing
  }

  @inline(__always)
  func callAsFunction<S: LossScalar>(_ target: S) -> (positive: S, negative: S) {
    let t = target * S(1 - smoothing) + S(smoothing / 2)
    // Not 1 - t, which loses the last digits of a small smoothing.
    let rest = (1 - target) * S(1 - smoothing) + S(smoothing / 2)
    return (S(positive) * t, S(negative) * rest)
  }

  /// The derivative of the weighted surprise with respect to the target.
  ///
  /// What the two surprises share stands apart, so that equal weights cancel it exactly.
  @inline(__always)
  func targetDerivative<S: LossScalar>(_ atPositive: S, _ atNegative: S, _ shared: S = 0) -> S {
    S(1 - smoothing)
      * (S(positive - negative) * shared + (S(positive) * atPositive - S(negative) * atNegative))
  }
}

struct LogitCrossEntropy: PairFormula, TwiceDifferentiable {
  let smoothedTarget: SmoothedTarget

  init(_ options: BinaryCrossEntropyLoss.Options) { smoothedTarget = SmoothedTarget(options) }

  /// The surprise at a yes and at a no: softplus of the logit and of its mirror.
  @inline(__always)
  func negativeLogLikelihoods<S: LossScalar>(_ logit: S) -> (positive: S, negative: S) {
    let rest = S.log(onePlusFraction: S.exp(-logit.magnitude))
    return (S.relu(-logit) + rest, S.relu(logit) + rest)
  }

  @inline(__always)
  func value<S: LossScalar>(_ logit: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    let negativeLogLikelihood = negativeLogLikelihoods(logit)
    return S.select(weight.positive == 0, 0, weight.positive * negativeLogLikelihood.positive)
      + S.select(weight.negative == 0, 0, weight.negative * negativeLogLikelihood.negative)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ logit: S, _ target: S) -> (S, S) {
    let weight = smoothedTarget(target)
    let rest = S.log(onePlusFraction: S.exp(-logit.magnitude))
    return (
      weight.negative * S.sigmoid(logit) - weight.positive * S.sigmoid(-logit),
      smoothedTarget.targetDerivative(S.relu(-logit), S.relu(logit), rest)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ logit: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    return (weight.positive + weight.negative) * S.sigmoid(logit) * S.sigmoid(-logit)
  }
}

struct ProbabilityCrossEntropy: PairFormula, TwiceDifferentiable {
  let smoothedTarget: SmoothedTarget
  let epsilon: Epsilon
  let clip: Double

  init(_ options: BinaryCrossEntropyLoss.Options) {
    smoothedTarget = SmoothedTarget(options)
    epsilon = options.epsilon
    clip = options.clip
  }

  @inline(__always)
  func clipped<S: LossScalar>(_ probability: S) -> S {
    let clip = S(clip)
    return S.select(clip == 0, probability, S.clamped(probability, clip, 1 - clip))
  }

  @inline(__always)
  func negativeLogLikelihoods<S: LossScalar>(_ p: S) -> (positive: S, negative: S) {
    let epsilon = epsilon(S.self)
    // Above a half 1 - p is exact, below it the logarithm keeps a small p.
    let negative = S.select(p < 0.5, S.log(onePlus: epsilon - p), S.log((1 - p) + epsilon))
    return (-S.log(p + epsilon), -negative)
  }

  @inline(__always)
  func value<S: LossScalar>(_ probability: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    let negativeLogLikelihood = negativeLogLikelihoods(clipped(probability))
    return S.select(weight.positive == 0, 0, weight.positive * negativeLogLikelihood.positive)
      + S.select(weight.negative == 0, 0, weight.negative * negativeLogLikelihood.negative)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ probability: S, _ target: S) -> (S, S) {
    let weight = smoothedTarget(target)
    let epsilon = epsilon(S.self)
    let p = clipped(probability)
    let negativeLogLikelihood = negativeLogLikelihoods(p)
    let derivative =
      S.select(weight.negative == 0, 0, weight.negative / (1 - p + epsilon))
      - S.select(weight.positive == 0, 0, weight.positive / (p + epsilon))
    return (
      S.select(p < probability || p > probability, 0, derivative),
      smoothedTarget.targetDerivative(
        negativeLogLikelihood.positive, negativeLogLikelihood.negative)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ probability: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    let p = clipped(probability)
    let (positive, negative) = (p + epsilon(S.self), 1 - p + epsilon(S.self))
    let secondDerivative =
      S.select(weight.negative == 0, 0, weight.negative / negative / negative)
      + S.select(weight.positive == 0, 0, weight.positive / positive / positive)
    return S.select(p < probability || p > probability, 0, secondDerivative)
  }
}

extension DialectOption {
  /// What segmentation_models_pytorch takes from one answer for the other: half of our smoothing,
  /// which draws targets to a half.
  static let smpSmoothing = DialectOption("smooth_factor", summary: "what the other answer gets") {
    (value, selection) throws(LossError) in
    guard value != .null else { return }
    guard let share = Double(optionValue: value), (0...0.5).contains(share) else {
      throw refusal("smooth_factor", value, "a number from 0 to 1/2, or null")
    }
    selection.options["label_smoothing"] = .number(2 * share)
  }
}
