public import LossCore
import LossDialects

/// Softmax focal loss: cross entropy that down-weights well-classified examples.
///
/// `epsilon` applies to probabilities only.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
/// - Accuracy: the condition number in a logit `x` is up to `(γ + 1) |x|`; for γ = 2, errors of up
///   to 7 ulp were measured, also for confident predictions.
public struct FocalLoss: ClassWeightedLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Focusing exponent; 0 gives cross entropy.
    public var gamma = 2.0
    /// Whether prediction holds logits, not probabilities.
    public var fromLogits = true
    /// Weight of each class; empty for 1 each.
    public var classWeights: [Double] = []
    /// Constant added to a probability.
    public var epsilon: Epsilon = 0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .atLeast(0), "focusing exponent; 0 gives cross entropy"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .numbers(
        "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each"),
      .epsilon("epsilon", \.epsilon, "constant added to a probability"),
    ]
  }

  public static let metadata = LossMetadata(
    "focal", "Softmax focal loss: cross entropy that down-weights well-classified examples.",
    formula: """
      - Σ w target (1 - q)^gamma log q    with w = class_weights
      q = softmax(prediction) + epsilon
      """,
    domain: """
      Logits of any size; probabilities from 0 to 1. A target above \
      0 on a probability of 0 gives infinity; 1 - q is at least 0.
      """,
    gradient: "With respect to a dense target, 0 where target and probability are both 0.",
    usage: """
      Single-label classification with strong class imbalance or many easy examples, \
      which dominate cross_entropy. Use binary_focal for independent labels.
      """,
    related: ["binary_focal", "cross_entropy", "poly_cross_entropy"],
    alsoKnownAs: ["softmax_focal", "categorical_focal"],
    references: ["T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017"],
    dialectEntries: [
      .fluxRows(
        "focal_loss", options: [.same("gamma", "γ"), .fluxEpsilon],
        overrides: ["from_logits": false, "epsilon": "machine"]),
      .fluxRows("logit_focal_loss", options: [.same("gamma", "γ")]),
      .keras(
        "categorical_focal_crossentropy", class: "CategoricalFocalCrossentropy",
        options: [
          .kerasAlpha.tensor, .same("gamma"), .same("from_logits"), .classAxis(), .noSmoothing,
        ],
        overrides: ["from_logits": false]
      ) { resolution in
        if !resolution.given.contains("alpha") { resolution.scale = 0.25 }
        // Keras divides by the weights of the samples alone, ours by those of the classes, too.
        if resolution.options["class_weights"] != nil, resolution.reduction?.kind == .weightedMean {
          resolution.reduction?.kind = .mean
          resolution.preparations.append(.unweightedMean)
        }
      },
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits { return [.nonNegative, .twiceDifferentiable] }
    return options.epsilon == 0 ? [.nonNegative] : []
  }
  public var signature: LossSignature {
    TargetForm.any.signature(fromLogits: options.fromLogits)
  }
  public var classWeights: [Double] { options.classWeights }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let targets = ClassTargets(row, weights: options.classWeights)
    let formula = FocalClassFormula(gamma: options.gamma)
    if options.fromLogits { return formula.fromLogits(row, targets) }
    return formula.fromProbabilities(row, targets, epsilon: options.epsilon(S.self))
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard options.fromLogits, context.integers(1) != nil else { return try forEachRow(context) }
    let (formula, weights) = (FocalClassFormula(gamma: options.gamma), options.classWeights)
    try forEachRow(context) { formula.fromLogits($0, weights, into: $1) }
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    let targets = ClassTargets(row, weights: options.classWeights)
    let formula = FocalClassFormula(gamma: options.gamma)
    if options.fromLogits {
      formula.writeProductsFromLogits(row, targets)
    } else {
      formula.writeProductsFromProbabilities(row, targets, epsilon: options.epsilon(S.self))
    }
    return value
  }
}

extension DialectOption {
  /// Keras's label smoothing, which focal losses do not have here.
  static let noSmoothing = DialectOption.refused(
    "label_smoothing", unless: [0], hint: "Smooth y_true before the call.")
}

/// `- u^γ log p` with `u = 1 - p`
struct FocalClassFormula: ClassFormula {
  let gamma: Double

  init(gamma: Double) { self.gamma = gamma }

  @inline(__always)
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    let power = S.pow(probability.complement, S(gamma))
    return power == 0 ? 0 : -power * probability.logP
  }

  /// `u^γ (γ p log p / u - 1)`
  @inline(__always)
  func derivativeOfLog<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    let ratio = probability.p == 0 ? 0 : probability.p * ratio(probability)
    return S.pow(probability.complement, S(gamma)) * (focus(ratio) - 1)
  }

  /// `u^γ (γ log p / u - 1 / p)`
  @inline(__always)
  func derivative<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    S.pow(probability.complement, S(gamma)) * (focus(ratio(probability)) - 1 / probability.p)
  }

  /// `γ ratio`: 0 without a focus, also for a probability of 0.
  @inline(__always)
  func focus<S: LossArithmetic>(_ ratio: S) -> S { gamma == 0 ? 0 : S(gamma) * ratio }

  /// `log p / u`, which tends to -1 where u tends to 0.
  @inline(__always)
  func ratio<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    probability.complement == 0 ? -1 : probability.logP / probability.complement
  }
}

extension DialectOption {
  /// Keras's alpha: a factor for all classes, or a list of class weights.
  static let kerasAlpha = DialectOption("alpha", summary: "a factor, or our class_weights") {
    (value, resolution) throws(LossError) in
    if let factor = try factor("alpha", value) {
      resolution.scale = factor
    } else if case .list = value {
      resolution.options["class_weights"] = value
    } else {
      throw refusal("alpha", value, "a number of at least zero, or a list of them")
    }
  }
}
