public import LossCore
import LossDialects

/// Sigmoid focal loss: binary cross entropy that down-weights well-classified examples.
///
/// `epsilon` applies to probabilities only.
///
/// - Accuracy: for a well-classified logit `x` the condition number is `(γ + 1) |x|`; errors of 5.2
///   ulp in the value and 6.5 in the gradient were measured for `Float`.
public struct BinaryFocalLoss: ElementwiseFormLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Focusing exponent; 0 gives binary cross entropy.
    public var gamma = 2.0
    /// Weight of positives; negatives weigh 1 - alpha; null for 1 each.
    public var alpha: Double?
    /// Whether prediction holds logits, not probabilities.
    public var fromLogits = true
    /// Constant added to a probability.
    public var epsilon: Epsilon = 0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .atLeast(0), "focusing exponent; 0 gives binary cross entropy"),
      .number(
        "alpha", \.alpha, .from(0, to: 1),
        "weight of positives; negatives weigh 1 - alpha; null for 1 each"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .epsilon("epsilon", \.epsilon, "constant added to a probability"),
    ]
  }

  public static let metadata = LossMetadata(
    "binary_focal",
    "Sigmoid focal loss: binary cross entropy that down-weights well-classified examples.",
    formula: """
      - a (1 - r)^gamma log r              with r = t q + (1 - t) (1 - q),  t = target
      a = alpha t + (1 - alpha) (1 - t)    1 without alpha
      q = σ(prediction) + epsilon
      """,
    domain: """
      Logits of any size; probabilities from 0 to 1, where a certain and \
      wrong one gives infinity, or 0 with a weight of 0.
      """,
    usage: """
      Dense binary detection or segmentation, where many easy negatives dominate \
      binary_cross_entropy. gamma 2 is the usual choice; alpha balances positives and negatives.
      """,
    related: ["binary_cross_entropy", "focal", "dice_focal"], alsoKnownAs: ["sigmoid_focal"],
    references: ["T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017"],
    dialectEntries: [
      .flux(
        "binary_focal_loss", options: [.same("gamma", "γ"), .fluxEpsilon],
        overrides: ["from_logits": false, "epsilon": "machine"]),
      .torchvision(
        "sigmoid_focal_loss", options: [.torchvisionAlpha, .same("gamma")],
        overrides: ["alpha": 0.25]),
      .keras(
        "binary_focal_crossentropy", class: "BinaryFocalCrossentropy", terms: .meanOfLastAxis,
        options: [
          .kerasClassBalancing, .same("alpha"), .same("gamma"), .same("from_logits"),
          .kerasMeanAxis, .noSmoothing,
        ],
        overrides: ["from_logits": false, "alpha": 0.25]
      ) { resolution in
        if !resolution.given.contains("apply_class_balancing") {
          resolution.options["alpha"] = .null
        }
      },
      .optax("sigmoid_focal_loss", options: [.same("alpha"), .same("gamma")]),
      .monai(
        "FocalLoss",
        options: [
          .same("alpha"), .same("gamma"), .monaiFocalReduction, .monaiFocalWeight,
          .unused("to_onehot_y"),
          .refused(
            "include_background", unless: [true], hint: "Leave out channel 0 of both tensors."),
          .refused("use_softmax", unless: [false], hint: "Use focal."),
          .refused("ignore_index", hint: "Use the input mask."),
        ]
      ).preparing(.oneHotTarget),
      .smp(
        "FocalLoss",
        options: [
          .smpFocalMode, .same("alpha"), .same("gamma"), .same("from_logits"), .ignoredTarget(),
          .smpFocalReduction,
          .refused("eps", unless: [1e-7], hint: "Clip y_pred before the call."),
          .refused("normalized", unless: [false], hint: "Divide by the sum of the focal terms."),
          .refused("reduced_threshold", hint: "Use binary_focal."),
          .refused("class_weights", hint: "Use the input sample_weight, with one axis of classes."),
        ]
      ) {
        // The mean of the classes' means is that of all terms.
        if $0.reduction?.kind == .mean { $0.reduction?.preceding = nil }
      },
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits { return [.nonNegative, .twiceDifferentiable] }
    return options.epsilon == 0 ? [.nonNegative] : []
  }
  public var signature: LossSignature {
    options.fromLogits ? .elementwiseLogits : .elementwiseProbabilities
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    let isWhole = WholePower.exponents.contains(options.gamma)
    switch (options.fromLogits, isWhole) {
    case (true, true): try FocalFormula<FromLogit, WholePower>(options).evaluateTerms(context)
    case (true, false): try FocalFormula<FromLogit, AnyPower>(options).evaluateTerms(context)
    case (false, true):
      try FocalFormula<FromProbability, WholePower>(options).evaluateTerms(context)
    case (false, false): try FocalFormula<FromProbability, AnyPower>(options).evaluateTerms(context)
    }
  }
}

/// The formula, specialised for the type of the prediction and the kind of exponent.
struct FocalFormula<Reading: FocalReading, Power: FocalPower>: PairFormula {
  let gamma: Double
  let positive: Double
  let negative: Double
  let epsilon: Epsilon

  init(_ options: BinaryFocalLoss.Options) {
    gamma = options.gamma
    positive = options.alpha ?? 1
    negative = options.alpha.map { 1 - $0 } ?? 1
    epsilon = options.epsilon
  }

  /// The weight of a target.
  @inline(__always)
  func weight<S: LossArithmetic>(_ target: S) -> S {
    S(positive) * target + S(negative) * (1 - target)
  }

  @inline(__always)
  func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let parts = Reading.parts(prediction, target, epsilon(S.self))
    let power = Power.of(parts.complement, S(gamma))
    // A weight of 0 gives 0, also where the logarithm is infinite.
    return S.select(power == 0, 0, -S.product(weight: weight(target), power * parts.log))
  }

  /// The derivative of the logarithm of the power: 0 without a focus, also for a probability of 0.
  @inline(__always)
  private func focus<S: LossScalar>(_ gamma: S, _ ratio: S) -> S {
    S.select(gamma == 0, 0, gamma * ratio)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let parts = Reading.parts(prediction, target, epsilon(S.self))
    let gamma = S(gamma)
    let power = Power.of(parts.complement, gamma)
    let weight = weight(target)
    // Where the power is 0, so is its product with log / complement, which may overflow.
    let derivative = S.select(
      power == 0, 0,
      S.product(
        weight: weight,
        power * (2 * target - 1)
          * (focus(gamma, parts.log * parts.overComplement) - parts.overProbability)))
    let ratio = S.select(parts.complement == 0, -1, parts.log / parts.complement)
    let weighted = S.product(
      weight: weight, (focus(gamma, ratio) - 1 / parts.probability) * parts.targetDerivative)
    // 1 / probability exceeds its logarithm where both are infinite.
    let targetDerivative =
      power
      * S.select(
        weighted.magnitude == .infinity, weighted,
        weighted - S(positive - negative) * parts.log)
    return (derivative, targetDerivative)
  }

  /// For a logit: with `p' = p (1 - p)`, the chain rule has `p'²` and `p'' = p' (1 - 2 p)`.
  @inline(__always)
  func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    // The formula below is that of a logit.
    if !Reading.isLogit { return automaticSecondDerivative(prediction, target) }
    let parts = Reading.parts(prediction, target, epsilon(S.self))
    let gamma = S(gamma)
    let factor = weight(target) * Power.of(parts.complement, gamma) * (2 * target - 1)
    let focus = gamma * parts.overComplement
    let squareTerm =
      (1 - gamma) * parts.log * focus * parts.overComplement + 2 * focus * parts.overProbability
      + parts.overProbability * parts.overProbability
    let linearTerm = -parts.targetDerivative * (parts.log * focus - parts.overProbability)
    return factor * ((2 * target - 1) * squareTerm + linearTerm)
  }
}

/// How the focusing factor is raised to its exponent.
protocol FocalPower: Sendable {
  static func of<S: LossArithmetic>(_ base: S, _ exponent: S) -> S
}

/// Exponents 0, 1, 2 and 3, by multiplication.
enum WholePower: FocalPower {
  static var exponents: [Double] { [0, 1, 2, 3] }

  @inline(__always)
  static func of<S: LossArithmetic>(_ base: S, _ exponent: S) -> S {
    let low = S.select(exponent < 1, 1, base)
    let high = S.select(exponent > 2, base * base, S.select(exponent > 1, base, 1))
    return low * high
  }
}

/// Any exponent.
enum AnyPower: FocalPower {
  @inline(__always)
  static func of<S: LossArithmetic>(_ base: S, _ exponent: S) -> S { S.pow(base, exponent) }
}

/// The type of the prediction: logits or probabilities.
protocol FocalReading: Sendable {
  static var isLogit: Bool { get }
  static func parts<S: LossArithmetic>(_ prediction: S, _ target: S, _ epsilon: S)
    -> BinaryFocalParts<S>
}

enum FromLogit: FocalReading {
  static var isLogit: Bool { true }

  @inline(__always)
  static func parts<S: LossArithmetic>(
    _ prediction: S, _ target: S, _ epsilon: S
  ) -> BinaryFocalParts<S> {
    BinaryFocalParts(logit: prediction, target)
  }
}

enum FromProbability: FocalReading {
  static var isLogit: Bool { false }

  @inline(__always)
  static func parts<S: LossArithmetic>(
    _ prediction: S, _ target: S, _ epsilon: S
  ) -> BinaryFocalParts<S> {
    BinaryFocalParts(probability: prediction, epsilon, target)
  }
}

/// The probability of the true label, its complement, and the quotients in the derivative.
struct BinaryFocalParts<S: LossArithmetic> {
  /// The probability of the true label.
  let probability: S
  /// `1 - probability`
  let complement: S
  /// `log(probability)`
  let log: S
  /// The derivative of the predicted probability, divided by `complement`.
  let overComplement: S
  /// The derivative of the predicted probability, divided by `probability`.
  let overProbability: S
  /// The derivative of `probability` with respect to the target.
  let targetDerivative: S

  /// With `e = exp(-|x|)`, `probability` is `(a + b e) / (1 + e)` and `complement` is
  /// `(b + a e) / (1 + e)`, where `a` is the target of the label that the logit favours and
  /// `b = 1 - a`. Where one of the two is 0, `e` cancels from the quotients, however small it is.
  @inline(__always)
  init(logit x: S, _ target: S) {
    let e = S.exp(-x.magnitude)
    let a = S.select(x < 0, 1 - target, target)
    let b = S.select(x < 0, target, 1 - target)
    let sum = 1 + e
    probability = (a + b * e) / sum
    complement = (b + a * e) / sum
    let logOfSum = S.log(onePlusFraction: e)
    // Not where it changes: then the sum below is differentiated.
    let isWrong = a.isConstantZero
    // The argument is selected first, so that one logarithm serves both cases.
    let logOfShare = S.log(S.select(isWrong, b, a + b * e))
    log = (logOfShare - S.select(isWrong, x.magnitude, 0)) - logOfSum
    overComplement = S.select(b == 0, 1, e) / S.select(b == 0, a, b + a * e) / sum
    overProbability = S.select(isWrong, 1, e) / S.select(isWrong, b, a + b * e) / sum
    targetDerivative = S.select(x < 0, e - 1, 1 - e) / sum
  }

  @inline(__always)
  init(probability p: S, _ epsilon: S, _ target: S) {
    let q = p + epsilon
    let probability = S.relu(target * q + (1 - target) * (1 - p - epsilon))
    let complement = S.relu(target * (1 - p - epsilon) + (1 - target) * q)
    self.probability = probability
    self.complement = complement
    log = S.select(complement < 0.5, S.log(onePlus: -complement), S.log(probability))
    overComplement = S.select(complement == 0, 0, 1 / complement)
    overProbability = 1 / probability
    targetDerivative = 2 * q - 1
  }
}

extension DialectOption {
  /// torchvision's alpha: -1 for none.
  static let torchvisionAlpha = DialectOption("alpha", summary: "our alpha, or -1 for none") {
    (value, resolution) in
    resolution.options["alpha"] = value == -1 ? .null : value
  }

  /// MONAI's weight of all classes alike, as a number.
  static let monaiFocalWeight = DialectOption(
    "weight", "class_weight", summary: "one number for all classes"
  ) { (value, resolution) throws(LossError) in
    guard let weight = try factor("weight", value) else {
      throw LossError(
        .invalidOption, subject: "weight", found: "is \(value.text)", expected: "a number, or null",
        hint: "For one number a class use the input sample_weight, of shape [1, C, 1, …].")
    }
    resolution.scale *= weight
  }.tensor

  /// MONAI's reduction without `sum`, for which MONAI averages over the spatial axes first.
  static let monaiFocalReduction = DialectOption.reduction(["mean": .mean, "none": .unreduced])

  /// The reductions of segmentation_models_pytorch; without one it gives the terms in one row.
  static let smpFocalReduction = DialectOption("reduction", summary: "mean, sum") {
    (value, resolution) throws(LossError) in
    switch value {
    case "mean": resolution.reduction?.kind = .mean
    case "sum": resolution.reduction?.kind = .sum
    default:
      throw LossError(
        .invalidOption, subject: "reduction", found: "is \(value.text)",
        expected: "one of mean, sum",
        hint: "For the terms themselves use binary_focal with reduction none.")
    }
  }.setting("reduction")

  /// Whether segmentation_models_pytorch has one class, or independent labels, over which it averages.
  static let smpFocalMode = DialectOption("mode", summary: "binary or multilabel") {
    (value, resolution) throws(LossError) in
    guard value == "binary" || value == "multilabel" else {
      throw refusal("mode", value, "\"binary\" or \"multilabel\"")
    }
    if value == "binary" {
      resolution.preparations.append(.maskOfOneClass)
    } else {
      resolution.reduction?.preceding = Reduction.Stage(averages: true, axes: [1])
    }
  }

  /// Whether Keras applies alpha.
  static let kerasClassBalancing = DialectOption(
    "apply_class_balancing", summary: "whether alpha is used"
  ) { (value, resolution) throws(LossError) in
    guard let isApplied = Bool(optionValue: value) else {
      throw refusal("apply_class_balancing", value, "true or false")
    }
    // Options are read in alphabetical order: `alpha` has been read, and checked, before.
    if !isApplied { resolution.options["alpha"] = .null }
  }
}
