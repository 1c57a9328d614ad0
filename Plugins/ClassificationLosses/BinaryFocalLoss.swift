public import LossCore
import LossDialects

/// Binary cross entropy that turns down the elements which are already right.
///
/// With `q = p + ε` (`p = σ(x)` for a logit `x`) and target `t` from 0 to 1:
///
///     - a (1 - r)^γ log r        with r = t q + (1 - t) (1 - q)
///                                     a = α t + (1 - α) (1 - t), or 1 without α
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: logits of any size; probabilities from 0 to 1, where a certain and wrong one gives
///   infinity.
/// - Accuracy: where the answer is right the condition number is `(γ + 1) |x|`; 5.2 ulp were measured
///   for `Float`, 6.5 in the gradient.
/// - Gradient: `a (1 - r)^γ (γ log r / (1 - r) - 1 / r)` times the derivative of `r`, which is
///   `2 t - 1` for a probability and `(2 t - 1) p (1 - p)` for a logit.
/// - Reference: T.-Y. Lin et al., "Focal Loss for Dense Object Detection", 2017.
public struct BinaryFocalLoss: ElementwiseFormLoss {
  /// How much is turned down, and what the two answers weigh.
  public struct Options: LossOptions {
    /// The exponent: 0 is binary cross entropy.
    public var gamma = 2.0
    /// What a target of 1 weighs; a target of 0 weighs the rest to 1. Null for 1 each.
    public var alpha: Double?
    /// Whether the prediction holds logits; otherwise probabilities.
    public var fromLogits = true
    /// What is added to a probability.
    public var epsilon: Epsilon = 0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .atLeast(0), "the exponent: 0 is binary cross entropy"),
      .number("alpha", \.alpha, .from(0, to: 1), "what a target of 1 weighs, the rest for 0"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .epsilon("epsilon", \.epsilon, "what is added to a probability"),
    ]
  }

  public static let metadata = LossMetadata(
    "binary_focal", "Binary cross entropy that turns down the elements which are already right.",
    formula: "- a (1 - r)^gamma log r,  r = t q + (1 - t)(1 - q),  q = σ(prediction) + epsilon",
    domain: "Logits of any size; probabilities from 0 to 1.",
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
          .kerasMeanAxis,
        ],
        overrides: ["from_logits": false, "alpha": 0.25]
      ) { selection in
        if !selection.given.contains("apply_class_balancing") { selection.options["alpha"] = .null }
      },
      .optax("sigmoid_focal_loss", options: [.same("alpha"), .same("gamma")]),
      .monai(
        "FocalLoss", options: [.same("alpha"), .same("gamma"), .monaiFocalReduction]),
      .smp("FocalLoss", options: [.smpFocalMode, .same("alpha"), .same("gamma")]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits { return [.nonNegative, .twiceDifferentiable] }
    return options.epsilon == 0 ? [.nonNegative] : []
  }
  /// Logits or probabilities, and targets from 0 to 1.
  public var signature: LossSignature {
    options.fromLogits ? .elementwiseLogits : .elementwiseProbabilities
  }

  /// The prediction, if it holds logits.
  public var rolesWithSecondDerivative: [Role] {
    options.fromLogits ? [.prediction] : []
  }

  /// Walks the elements with the formula for logits or for probabilities, and for a whole exponent
  /// or any.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    let isWhole = WholePower.exponents.contains(options.gamma)
    switch (options.fromLogits, isWhole) {
    case (true, true): try FocalFormula<FromLogit, WholePower>(options).evaluateTerms(pass)
    case (true, false): try FocalFormula<FromLogit, AnyPower>(options).evaluateTerms(pass)
    case (false, true): try FocalFormula<FromProbability, WholePower>(options).evaluateTerms(pass)
    case (false, false): try FocalFormula<FromProbability, AnyPower>(options).evaluateTerms(pass)
    }
  }
}

/// The formula, for one way of reading the prediction and one kind of exponent.
struct FocalFormula<Reading: FocalReading, Power: FocalPower>: PairFormula, TwiceDifferentiable {
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
  func weight<S: LossScalar>(_ target: S) -> S {
    S(positive) * target + S(negative) * (1 - target)
  }

  @inline(__always)
  func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let parts = Reading.parts(prediction, target, epsilon(S.self))
    let power = Power.of(parts.left, S(gamma))
    return S.select(power == 0, 0, -weight(target) * power * parts.log)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let parts = Reading.parts(prediction, target, epsilon(S.self))
    let gamma = S(gamma)
    let power = Power.of(parts.left, gamma)
    let weight = weight(target)
    let derivative =
      weight * power * (2 * target - 1) * (gamma * (parts.log * parts.overLeft) - parts.overRight)
    let ratio = S.select(parts.left == 0, -1, parts.log / parts.left)
    // What weighs nothing has no slope, though 1 over its probability may be infinite.
    let pull = S.select(
      weight == 0, 0, weight * (gamma * ratio - 1 / parts.right) * parts.targetDerivative)
    let targetDerivative = power * (pull - S(positive - negative) * parts.log)
    return (derivative, targetDerivative)
  }

  /// For a logit: with `p' = p (1 - p)` the chain rule has `p'²` and `p'' = p' (1 - 2 p)`.
  @inline(__always)
  func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let parts = Reading.parts(prediction, target, epsilon(S.self))
    let gamma = S(gamma)
    let factor = weight(target) * Power.of(parts.left, gamma) * (2 * target - 1)
    let left = gamma * parts.overLeft
    let square =
      (1 - gamma) * parts.log * left * parts.overLeft + 2 * left * parts.overRight
      + parts.overRight * parts.overRight
    let bend = -parts.targetDerivative * (parts.log * left - parts.overRight)
    return factor * ((2 * target - 1) * square + bend)
  }
}

/// How the exponent is applied.
protocol FocalPower: Sendable {
  static func of<S: LossScalar>(_ base: S, _ exponent: S) -> S
}

/// Exponents 0, 1, 2 and 3: products.
enum WholePower: FocalPower {
  static var exponents: [Double] { [0, 1, 2, 3] }

  @inline(__always)
  static func of<S: LossScalar>(_ base: S, _ exponent: S) -> S {
    let low = S.select(exponent < 1, 1, base)
    let high = S.select(exponent > 2, base * base, S.select(exponent > 1, base, 1))
    return low * high
  }
}

/// Any exponent.
enum AnyPower: FocalPower {
  @inline(__always)
  static func of<S: LossScalar>(_ base: S, _ exponent: S) -> S { S.pow(base, exponent) }
}

/// What the prediction is.
protocol FocalReading: Sendable {
  static func parts<S: LossScalar>(_ prediction: S, _ target: S, _ epsilon: S)
    -> BinaryFocalParts<S>
}

enum FromLogit: FocalReading {
  @inline(__always)
  static func parts<S: LossScalar>(
    _ prediction: S, _ target: S, _ epsilon: S
  ) -> BinaryFocalParts<S> {
    BinaryFocalParts(logit: prediction, target)
  }
}

enum FromProbability: FocalReading {
  @inline(__always)
  static func parts<S: LossScalar>(
    _ prediction: S, _ target: S, _ epsilon: S
  ) -> BinaryFocalParts<S> {
    BinaryFocalParts(probability: prediction, epsilon, target)
  }
}

/// The probability of the true answer, what is left to 1, and the quotients of the derivative.
struct BinaryFocalParts<S: LossScalar> {
  /// The probability of the true answer.
  let right: S
  /// What is left to 1.
  let left: S
  /// The logarithm of `right`.
  let log: S
  /// The derivative of the predicted probability, divided by `left`.
  let overLeft: S
  /// The derivative of the predicted probability, divided by `right`.
  let overRight: S
  /// The derivative of `right` with respect to the target.
  let targetDerivative: S

  /// With `e = exp(-|x|)`, `right` is `(a + b e) / (1 + e)` and `left` is `(b + a e) / (1 + e)`,
  /// where `a` is how far the target agrees with the sign of the logit. Where one of the two is 0
  /// the other's exponential cancels from the quotients, however small it is.
  @inline(__always)
  init(logit x: S, _ target: S) {
    let e = S.exp(-x.magnitude)
    let a = S.select(x < 0, 1 - target, target)
    let b = S.select(x < 0, target, 1 - target)
    let one = 1 + e
    right = (a + b * e) / one
    left = (b + a * e) / one
    let logOfOne = S.log(onePlusFraction: e)
    let isLost = a == 0
    // One logarithm serves both cases: what it is taken of is chosen first.
    let sum = S.log(S.select(isLost, b, a + b * e))
    log = (sum - S.select(isLost, x.magnitude, 0)) - logOfOne
    overLeft = S.select(b == 0, 1, e) / S.select(b == 0, a, b + a * e) / one
    overRight = S.select(isLost, 1, e) / S.select(isLost, b, a + b * e) / one
    targetDerivative = S.select(x < 0, e - 1, 1 - e) / one
  }

  @inline(__always)
  init(probability p: S, _ epsilon: S, _ target: S) {
    let q = p + epsilon
    let right = S.relu(target * q + (1 - target) * (1 - p - epsilon))
    let left = S.relu(target * (1 - p - epsilon) + (1 - target) * q)
    self.right = right
    self.left = left
    log = S.select(left < 0.5, S.log(onePlus: -left), S.log(right))
    overLeft = S.select(left == 0, 0, 1 / left)
    overRight = 1 / right
    targetDerivative = 2 * q - 1
  }
}

extension DialectOption {
  /// The weight of a target of 1, or -1 for a weight of 1 each.
  static let torchvisionAlpha = DialectOption("alpha", summary: "our alpha, or -1 for none") {
    (value, selection) in
    selection.options["alpha"] = value == -1 ? .null : value
  }

  /// MONAI's reduction without its sum, which averages over the places first.
  static let monaiFocalReduction = DialectOption.reduction(["mean": .mean, "none": .unreduced])

  /// Whether the channels of segmentation_models_pytorch are one class or several at once; the
  /// mean is the same.
  static let smpFocalMode = DialectOption("mode", summary: "binary or multilabel") {
    (value, _) throws(LossError) in
    guard value == "binary" || value == "multilabel" else {
      throw refusal("mode", value, "\"binary\" or \"multilabel\"")
    }
  }

  /// Whether Keras uses its alpha.
  static let kerasClassBalancing = DialectOption(
    "apply_class_balancing", summary: "whether alpha is used"
  ) { (value, selection) throws(LossError) in
    guard let isApplied = Bool(optionValue: value) else {
      throw refusal("apply_class_balancing", value, "true or false")
    }
    // Options come in alphabetical order: `alpha` has spoken already, and is checked all the same.
    if !isApplied { selection.options["alpha"] = .null }
  }
}
