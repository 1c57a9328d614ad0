public import LossCore
import LossDialects

/// Cross entropy that turns down the classes which are already right, for one of several classes.
///
///     - Σ w t (1 - q)^γ log q        with q = p + ε, p = softmax of the logits
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices, or `[..., class]` one-hot or
///   probabilities; one term a row.
/// - Domain: logits of any size; probabilities from 0 to 1. A target above 0 on a probability of 0
///   gives infinity. `1 - q` is taken as 0 where ε carries it below.
/// - Accuracy: the condition number in a logit `x` is up to `(γ + 1) |x|`; with an exponent of 2 up to
///   7 ulp were measured, also where a sure prediction leaves almost nothing.
/// - Gradient: with `A = w t (1 - p)^γ (γ p log p / (1 - p) - 1)` it is `A - p Σ A` for logits, and
///   `A / p` for probabilities; for a dense target `- w (1 - q)^γ log q`, 0 where target and
///   probability are both 0.
/// - Reference: T.-Y. Lin et al., "Focal Loss for Dense Object Detection", 2017.
public struct FocalLoss: ClassWeightedLoss {
  /// How much is turned down, and what each class weighs.
  public struct Options: LossOptions {
    /// The exponent: 0 is cross entropy.
    public var gamma = 2.0
    /// Whether the prediction holds logits; otherwise probabilities.
    public var fromLogits = true
    /// What each class weighs; empty for 1 each.
    public var classWeights: [Double] = []
    /// What is added to a probability.
    public var epsilon: Epsilon = 0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .atLeast(0), "the exponent: 0 is cross entropy"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
      .epsilon("epsilon", \.epsilon, "what is added to a probability"),
    ]
  }

  public static let metadata = LossMetadata(
    "focal", "Cross entropy that turns down the classes which are already right.",
    formula: "- Σ w target (1 - q)^gamma log q,  q = softmax(prediction) + epsilon",
    domain: "Logits of any size; probabilities from 0 to 1.",
    references: ["T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017"],
    dialectEntries: [
      .fluxRows(
        "focal_loss", options: [.same("gamma", "γ"), .fluxEpsilon],
        overrides: ["from_logits": false, "epsilon": "machine"]),
      .fluxRows("logit_focal_loss", options: [.same("gamma", "γ")]),
      .keras(
        "categorical_focal_crossentropy", class: "CategoricalFocalCrossentropy",
        options: [.kerasAlpha, .same("gamma"), .same("from_logits"), .classAxis()],
        overrides: ["from_logits": false]
      ) { selection in
        if !selection.given.contains("alpha") { selection.scale = 0.25 }
      },
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits { return [.nonNegative, .twiceDifferentiable] }
    return options.epsilon == 0 ? [.nonNegative] : []
  }
  /// Prediction with a class axis; indices or numbers for target.
  public var signature: LossSignature {
    TargetForm.any.signature(fromLogits: options.fromLogits)
  }
  /// What each class weighs.
  public var classWeights: [Double] { options.classWeights }

  /// The term of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let targets = ClassTargets(row, weights: options.classWeights)
    let formula = FocalClassFormula(gamma: options.gamma)
    if options.fromLogits { return formula.fromLogits(row, targets) }
    return formula.fromProbabilities(row, targets, epsilon: options.epsilon(S.self))
  }
}

/// `- u^γ log p` with `u = 1 - p`
struct FocalClassFormula: ClassFormula {
  let gamma: Double

  init(gamma: Double) { self.gamma = gamma }

  @inline(__always)
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    let power = S.pow(probability.rest, S(gamma))
    return power == 0 ? 0 : -power * probability.logP
  }

  /// `u^γ (γ p log p / u - 1)`
  @inline(__always)
  func derivativeOfLog<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    let ratio = probability.p == 0 ? 0 : probability.p * ratio(probability)
    return S.pow(probability.rest, S(gamma)) * (S(gamma) * ratio - 1)
  }

  /// `u^γ (γ log p / u - 1 / p)`
  @inline(__always)
  func derivative<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    S.pow(probability.rest, S(gamma)) * (S(gamma) * ratio(probability) - 1 / probability.p)
  }

  /// `log p / u`, which tends to -1 where u tends to 0.
  @inline(__always)
  func ratio<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    probability.rest == 0 ? -1 : probability.logP / probability.rest
  }
}

extension DialectOption {
  /// What all classes weigh, or a list with the weight of each.
  static let kerasAlpha = DialectOption("alpha", summary: "a factor, or our class_weights") {
    (value, selection) throws(LossError) in
    if let factor = Double(optionValue: value), factor.isFinite, factor >= 0 {
      selection.scale = factor
    } else if case .list = value {
      selection.options["class_weights"] = value
    } else {
      throw refusal("alpha", value, "a number of at least zero, or a list of them")
    }
  }
}
