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
/// - Accuracy: with an exponent of 2 within 7 ulp, also where a sure prediction leaves almost
///   nothing.
/// - Gradient: with `A = w t (1 - p)^γ (γ p log p / (1 - p) - 1)` it is `A - p Σ A` for logits, and
///   `A / p` for probabilities; for a dense target `- w (1 - q)^γ log q`, 0 where target and
///   probability are both 0.
/// - Reference: T.-Y. Lin et al., "Focal Loss for Dense Object Detection", 2017.
public struct FocalLoss: RowwiseLoss {
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
    /// Logits and an exponent of 2.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .atLeast(0), "the exponent: 0 is cross entropy"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
      .epsilon("epsilon", \.epsilon, "what is added to a probability"),
    ]
  }

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "focal", "Cross entropy that turns down the classes which are already right.",
    formula: "- Σ w target (1 - q)^gamma log q,  q = softmax(prediction) + epsilon",
    domain: "Logits of any size; probabilities from 0 to 1.",
    references: ["T.-Y. Lin et al., Focal Loss for Dense Object Detection, 2017"],
    spellings: [
      .fluxRows(
        "focal_loss", options: [.same("gamma", "γ"), .fluxEpsilon],
        fixed: ["from_logits": false, "epsilon": "machine"]),
      .fluxRows("logit_focal_loss", options: [.same("gamma", "γ")]),
      .keras(
        "categorical_focal_crossentropy", class: "CategoricalFocalCrossentropy",
        options: [.kerasAlpha, .same("gamma"), .same("from_logits"), .classAxis()],
        fixed: ["from_logits": false]
      ) { selection in
        if !selection.given.contains("alpha") { selection.scale = 0.25 }
      },
    ])

  /// How much is turned down, and what each class weighs.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options = Options()) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    if options.fromLogits { return [.nonNegative, .twiceDifferentiable] }
    return options.epsilon == 0 ? [.nonNegative] : []
  }
  /// Prediction with a class axis; indices or numbers for target.
  @inlinable public var signature: LossSignature {
    TargetForm.any.signature(fromLogits: options.fromLogits)
  }
  /// Whether rows weigh by their class.
  @inlinable public var weighsTerms: Bool { !options.classWeights.isEmpty }
  /// One weight for each class.
  @inlinable public func check(classCount: Int) throws(LossError) {
    try checkWeights(options.classWeights, classCount)
  }
  /// The weight of the row's class.
  @inlinable
  public func measure<S: LossScalar>(_ row: Row<S>) -> S {
    classWeight(row, options.classWeights, ignoring: nil)
  }

  /// The term of one row; its gradients if wanted.
  @inlinable
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let targets = ClassTargets(row, weights: options.classWeights)
    guard let input = row[0] else { return 0 }
    guard options.fromLogits else { return fromProbabilities(row, input, targets) }
    let largest = RowMath.maximum(input, count: row.count)
    let (top, best) = largest
    let sum = RowMath.sumExp(input, count: row.count, largest: largest)
    let scale = S.scale(below: top)
    let logOfSum = sum.logarithm
    let (share, rest) = (S(1 / sum.total), S(sum.rest / sum.total))
    let classes = { (j: Int) -> FocalClass<S> in
      let p = S.exp(input[j], scale) * share
      return FocalClass(
        p: p, u: j == best ? rest : 1 - p, logP: (input[j] - top) - logOfSum,
        gamma: S(options.gamma))
    }
    let value = total(row, targets, classes)
    guard let gradient = row.gradient(0) else { return value }
    var others = 0.0
    for j in 0..<row.count where j != best {
      let mass = targets.mass(j)
      gradient[j] = mass == 0 ? 0 : mass * classes(j).slopeOfLog
      others += Double(gradient[j])
    }
    let own = targets.mass(best) == 0 ? 0 : targets.mass(best) * classes(best).slopeOfLog
    let all = S(others + Double(own))
    for j in 0..<row.count where j != best {
      gradient[j] = row.coefficient * (gradient[j] - S.exp(input[j], scale) * share * all)
    }
    gradient[best] = row.coefficient * (own * rest - classes(best).p * S(others))
    return value
  }

  @inlinable
  func fromProbabilities<S: LossScalar>(
    _ row: Row<S>, _ input: UnsafePointer<S>, _ targets: ClassTargets<S>
  ) -> S {
    let epsilon = options.epsilon(S.self)
    let classes = { (j: Int) -> FocalClass<S> in
      let q = input[j] + epsilon
      return FocalClass(
        p: q, u: S.positivePart(1 - input[j] - epsilon), logP: S.log(q), gamma: S(options.gamma))
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let mass = targets.mass(j)
        gradient[j] = mass == 0 ? 0 : row.coefficient * mass * classes(j).slope
      }
    }
    return total(row, targets, classes)
  }

  /// The sum over the classes; the gradient of a dense target if wanted.
  @inlinable @inline(__always)
  func total<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, _ classes: (Int) -> FocalClass<S>
  ) -> S {
    var sum = 0.0
    for j in 0..<row.count {
      let mass = targets.mass(j)
      if mass != 0 { sum += Double(mass) * Double(classes(j).value) }
    }
    if let gradient = row.gradient(1), let target = row[1] {
      for j in 0..<row.count {
        let value = classes(j).value
        let isOut = target[j] == 0 && value == .infinity
        gradient[j] = isOut ? 0 : row.coefficient * targets.weight(j) * value
      }
    }
    return S(sum)
  }
}

/// One class of a focal loss: its probability, what is left to 1, and its logarithm, each as exact
/// as the input allows.
@usableFromInline struct FocalClass<S: LossScalar> {
  @usableFromInline let p: S
  @usableFromInline let u: S
  @usableFromInline let logP: S
  @usableFromInline let power: S
  @usableFromInline let gamma: S

  @inlinable @inline(__always)
  init(p: S, u: S, logP: S, gamma: S) {
    self.p = p
    self.u = u
    self.logP = logP
    self.gamma = gamma
    power = S.power(u, gamma)
  }

  /// `- u^γ log p`
  @inlinable @inline(__always) var value: S { power == 0 ? 0 : -power * logP }

  /// `log p / u`, which tends to -1 where u tends to 0.
  @inlinable @inline(__always) var ratio: S { u == 0 ? -1 : logP / u }

  /// The derivative with respect to log p: `u^γ (γ p log p / u - 1)`.
  @inlinable @inline(__always) var slopeOfLog: S {
    power * (gamma * (p == 0 ? 0 : p * ratio) - 1)
  }

  /// The derivative with respect to p: `u^γ (γ log p / u - 1 / p)`.
  @inlinable @inline(__always) var slope: S { power * (gamma * ratio - 1 / p) }
}

extension SpelledOption {
  /// What all classes weigh, or a list with the weight of each.
  static let kerasAlpha = SpelledOption("alpha", summary: "a factor, or our class_weights") {
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
