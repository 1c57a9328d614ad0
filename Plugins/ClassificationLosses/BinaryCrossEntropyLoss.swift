public import LossCore
import LossDialects

/// Sigmoid cross entropy: negative log-likelihood of a binary target.
///
/// `epsilon` and `clip` apply to probabilities only.
public struct BinaryCrossEntropyLoss: ElementwiseFormLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether prediction holds logits, not probabilities.
    public var fromLogits = true
    /// Weight of positives, target 1.
    public var positiveWeight = 1.0
    /// Weight of negatives, target 0.
    public var negativeWeight = 1.0
    /// Weight of positives at each position of the last axis; empty for positive_weight.
    public var positiveWeights: [Double] = []
    /// How far targets are moved from 0 and 1 towards 1/2.
    public var labelSmoothing = 0.0
    /// Constant added to a probability before the logarithm.
    public var epsilon: Epsilon = 0
    /// Distance from 0 and 1 to which probabilities are clipped.
    public var clip = 0.0
    /// Distance from 1 to which probabilities are clipped; null for that of clip.
    public var clipAbove: Double?
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .number("positive_weight", \.positiveWeight, .atLeast(0), "weight of positives, target 1"),
      .number("negative_weight", \.negativeWeight, .atLeast(0), "weight of negatives, target 0"),
      .numbers(
        "positive_weights", \.positiveWeights, .atLeast(0),
        "weight of positives at each position of the last axis; empty for positive_weight"),
      .number(
        "label_smoothing", \.labelSmoothing, .from(0, to: 1),
        "how far targets are moved from 0 and 1 towards 1/2"),
      .epsilon("epsilon", \.epsilon, "constant added to a probability before the logarithm"),
      .number(
        "clip", \.clip, .from(0, below: 0.5),
        "distance from 0 and 1 to which probabilities are clipped"),
      .number(
        "clip_above", \.clipAbove, .from(0, below: 0.5),
        "distance from 1 to which probabilities are clipped; null for that of clip"),
    ]
  }

  public static let metadata = LossMetadata(
    "binary_cross_entropy", "Sigmoid cross entropy: negative log-likelihood of a binary target.",
    formula: """
      - (positive_weight t log(p + epsilon) + negative_weight (1 - t) log(1 - p + epsilon))
      p = σ(prediction)               from logits
      t = (1 - s) target + s / 2      with s = label_smoothing
      """,
    domain: """
      Logits of any size: an infinite logit with the sign of its target \
      gives 0. Probabilities from 0 to 1, clipped first; 0 log 0 is 0.
      """,
    gradient: """
      With clip, the derivative at a bound is the one from inside, and beyond a bound it is 0.
      """,
    usage: """
      Binary or multi-label classification with an independent probability per element. Pass \
      logits, not sigmoid outputs; for rare positives raise positive_weight (positive_weights, one \
      per label) or use binary_focal.
      """,
    related: ["binary_focal", "soft_margin", "multilabel_soft_margin", "cross_entropy"],
    alsoKnownAs: ["log_loss", "sigmoid_cross_entropy"],
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
          "clip": DialectEntry.axonClip, "clip_above": DialectEntry.axonClipAbove,
        ]
      ) { resolution in
        // With a weight, Axon averages over all elements, whatever the reduction is.
        if !resolution.given.isDisjoint(with: ["positive_weight", "negative_weight"]) {
          resolution.reduction = .mean
        }
      },
      .torch(
        "binary_cross_entropy", class: "BCELoss", options: [.input("weight")],
        overrides: ["from_logits": false]
      ).checking(.all).withElementWeight,
      .torch(
        "binary_cross_entropy_with_logits", class: "BCEWithLogitsLoss",
        options: [.input("weight"), .positiveWeight]
      ).withElementWeight,
      .keras(
        "binary_crossentropy", "bce", "BCE", class: "BinaryCrossentropy", terms: .meanOfLastAxis,
        options: [.same("from_logits"), .same("label_smoothing"), .kerasMeanAxis],
        overrides: ["from_logits": false, "clip": DialectEntry.kerasEpsilon]),
      .optax("sigmoid_binary_cross_entropy", "binary_logistic_loss"),
      .mlx(
        "binary_cross_entropy", reduction: .mean,
        options: [.same("with_logits", as: "from_logits"), .input("weights")]
      ).withMLXWeights,
      .smp(
        "SoftBCEWithLogitsLoss",
        options: [
          .smpReduction, .positiveWeight, .smpSmoothing, .input("weight"),
          .ignoredTarget(isCounted: true),
        ]
      ) { $0.ignoreDefault(isCounted: true) }
      .naming(DialectArgument(.weight, "weight")).preparing(.trailingWeight),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    if options.fromLogits {
      let positive = options.positiveWeights.max() ?? options.positiveWeight
      let steepest = max(positive, options.negativeWeight)
      return [.convex, .nonNegative, .lipschitz(steepest), .twiceDifferentiable]
    }
    // epsilon can push a probability above 1; clipping makes the loss constant near its maximum.
    let isClipped = options.clip != 0 || options.clipAbove ?? 0 != 0
    return (options.epsilon == 0 ? [.nonNegative] : []) + (isClipped ? [] : [.convex])
  }
  public var signature: LossSignature {
    options.fromLogits ? .elementwiseLogits : .elementwiseProbabilities
  }

  /// Elements; none where the weight of an element depends on its position.
  public var termLayout: TermLayout? { options.positiveWeights.isEmpty ? .elements : nil }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    switch (options.fromLogits, options.positiveWeights.isEmpty) {
    case (true, true): try LogitCrossEntropy(options).evaluateTerms(context)
    case (false, true): try ProbabilityCrossEntropy(options).evaluateTerms(context)
    case (true, false): try evaluateLabels(LogitCrossEntropy(options), context)
    case (false, false): try evaluateLabels(ProbabilityCrossEntropy(options), context)
    }
  }

  /// Evaluates a formula with a weight of positives for each position of the last axis.
  private func evaluateLabels<S: LossScalar>(
    _ formula: some LabelFormula, _ context: borrowing KernelContext<S>
  ) throws(LossError) {
    let weights = options.positiveWeights
    guard options.positiveWeight == 1 else {
      throw LossError(
        .invalidOption, subject: "positive_weight",
        found: "is \(options.positiveWeight) beside positive_weights", expected: "one of the two")
    }
    let labels = context.inputs[0]?.shape.extents.last ?? 1
    guard weights.count == labels else {
      throw LossError(
        .invalidOption, subject: "positive_weights", found: "has \(weights.count) numbers",
        expected: "\(labels), one for each position of the last axis")
    }
    guard let memory = try context.elementMemory() else { return }
    // Those of a block lie together, wherever it begins, and are of the type of its numbers: a loop
    // with two sizes of numbers has vectors of the larger ones.
    let context = copy context
    let repeated = (0..<labels + ElementBlock<S>.maximumCount).map { S(weights[$0 % labels]) }
    repeated.withUnsafeBufferPointer { repeated in
      context.forEachElementBlock { range, terms in
        let block = ElementBlock(memory, range, terms)
        let start = range.lowerBound % labels
        let positive = UnsafeBufferPointer(rebasing: repeated[start..<start + block.count])
        write(formula, positive, block, memory.order, context.usesAutomaticDerivatives)
      }
    }
  }

  /// Writes the terms and derivatives of a block whose elements have these weights of positives.
  @inline(__always)
  private func write<S: LossScalar, Formula: LabelFormula>(
    _ formula: Formula, _ positive: UnsafeBufferPointer<S>, _ block: ElementBlock<S>,
    _ order: DerivativeOrder?, _ isAutomatic: Bool
  ) {
    let (terms, a, b, scale) = (block.terms, block.inputs.0, block.inputs.1, block.scale)
    @inline(__always)
    func weighted(_ i: Int) -> Formula {
      var formula = formula
      formula.smoothedTarget.positive = positive[i].asDouble
      return formula
    }
    if order == .first, !isAutomatic, let gradient = block.gradients.0, block.gradients.1 == nil {
      for i in 0..<block.count {
        terms[i] = weighted(i).value(a[i], b[i])
        gradient[i] = weighted(i).derivative(a[i], b[i]).0 * scale
      }
      return
    }
    for i in 0..<block.count { terms[i] = weighted(i).value(a[i], b[i]) }
    switch order {
    case nil: break
    case .first:
      for i in 0..<block.count {
        let formula = weighted(i)
        let derivative =
          isAutomatic
          ? formula.automaticDerivative(a[i], b[i]) : formula.derivative(a[i], b[i])
        block.gradients.0?[i] = derivative.0 * scale
        block.gradients.1?[i] = derivative.1 * scale
      }
    case .second:
      for i in 0..<block.count {
        block.gradients.0?[i] =
          (isAutomatic
            ? weighted(i).automaticSecondDerivative(a[i], b[i])
            : weighted(i).secondDerivative(a[i], b[i]))
          * scale
      }
    case .hessianVectorProduct:
      for i in 0..<block.count {
        let vector = (block.vectors.0?[i] ?? 0, block.vectors.1?[i] ?? 0)
        let product = weighted(i).hessianVectorProduct(a[i], b[i], vector)
        block.gradients.0?[i] = product.0 * scale
        block.gradients.1?[i] = product.1 * scale
      }
    }
  }
}

/// A formula whose weight of positives can change from element to element.
protocol LabelFormula: PairFormula {
  var smoothedTarget: SmoothedTarget { get set }
}

/// The weights of the positive and the negative term after label smoothing.
struct SmoothedTarget: Sendable {
  var positive: Double
  let negative: Double
  let smoothing: Double

  init(_ options: BinaryCrossEntropyLoss.Options) {
    positive = options.positiveWeight
    negative = options.negativeWeight
    smoothing = options.labelSmoothing
  }

  @inline(__always)
  func callAsFunction<S: LossArithmetic>(_ target: S) -> (positive: S, negative: S) {
    let t = target * S(1 - smoothing) + S(smoothing / 2)
    // Not 1 - t, which would lose the last digits of a small smoothing.
    let complement = (1 - target) * S(1 - smoothing) + S(smoothing / 2)
    return (S(positive) * t, S(negative) * complement)
  }

  /// The derivative with respect to the target.
  ///
  /// `shared` is the part that both negative log-likelihoods have: equal weights cancel it exactly.
  @inline(__always)
  func targetDerivative<S: LossScalar>(_ atPositive: S, _ atNegative: S, _ shared: S = 0) -> S {
    S(1 - smoothing)
      * (S(positive - negative) * shared + (S(positive) * atPositive - S(negative) * atNegative))
  }
}

struct LogitCrossEntropy: LabelFormula {
  var smoothedTarget: SmoothedTarget

  init(_ options: BinaryCrossEntropyLoss.Options) { smoothedTarget = SmoothedTarget(options) }

  /// Softplus of `-logit` for a positive target, and of `logit` for a negative one.
  @inline(__always)
  func negativeLogLikelihoods<S: LossArithmetic>(_ logit: S) -> (positive: S, negative: S) {
    (S.log1pExp(-logit), S.log1pExp(logit))
  }

  @inline(__always)
  func value<S: LossArithmetic>(_ logit: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    let negativeLogLikelihood = negativeLogLikelihoods(logit)
    return S.product(weight: weight.positive, negativeLogLikelihood.positive)
      + S.product(weight: weight.negative, negativeLogLikelihood.negative)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ logit: S, _ target: S) -> (S, S) {
    let weight = smoothedTarget(target)
    let shared = S.log(onePlusFraction: S.exp(-logit.magnitude))
    return (
      weight.negative * S.sigmoid(logit) - weight.positive * S.sigmoid(-logit),
      smoothedTarget.targetDerivative(S.relu(-logit), S.relu(logit), shared)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ logit: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    return (weight.positive + weight.negative) * S.sigmoid(logit) * S.sigmoid(-logit)
  }
}

struct ProbabilityCrossEntropy: LabelFormula {
  var smoothedTarget: SmoothedTarget
  let epsilon: Epsilon
  let clip: Double
  let clipAbove: Double

  init(_ options: BinaryCrossEntropyLoss.Options) {
    smoothedTarget = SmoothedTarget(options)
    epsilon = options.epsilon
    clip = options.clip
    clipAbove = options.clipAbove ?? options.clip
  }

  @inline(__always)
  func clipped<S: LossArithmetic>(_ probability: S) -> S {
    let (low, high) = (S(clip), 1 - S(clipAbove))
    return S.select(low == 0 && high == 1, probability, S.clamped(probability, low, high))
  }

  @inline(__always)
  func negativeLogLikelihoods<S: LossArithmetic>(_ p: S) -> (positive: S, negative: S) {
    let epsilon = epsilon(S.self)
    // From 1/2 on 1 - p is exact; below, log(1 + x) keeps a small p.
    let negative = S.select(p < 0.5, S.log(onePlus: epsilon - p), S.log((1 - p) + epsilon))
    return (-S.log(p + epsilon), -negative)
  }

  @inline(__always)
  func value<S: LossArithmetic>(_ probability: S, _ target: S) -> S {
    let weight = smoothedTarget(target)
    let negativeLogLikelihood = negativeLogLikelihoods(clipped(probability))
    return S.product(weight: weight.positive, negativeLogLikelihood.positive)
      + S.product(weight: weight.negative, negativeLogLikelihood.negative)
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
  /// The weight of positives in PyTorch: a number, a list of one, or one for each position of the
  /// last axis.
  static let positiveWeight = DialectOption(
    "pos_weight", summary: "our positive_weight, or positive_weights as a list"
  ) { (value, resolution) throws(LossError) in
    switch value {
    case .list(let list) where list.contains { Double(optionValue: $0) == nil }:
      var error = refusal("pos_weight", value, "a number, or a list of numbers")
      error.hint = hintForLastAxis
      throw error
    case .list(let list) where list.count == 1: resolution.options["positive_weight"] = list[0]
    case .list: resolution.options["positive_weights"] = value
    default: resolution.options["positive_weight"] = value
    }
  }.tensor(hintForAxes: hintForLastAxis).setting("positive_weight", "positive_weights")

  private static let hintForLastAxis =
    "Flatten it and move the class axis of the other tensors to the end: its axis is the last one."

  /// The share of a label that segmentation_models_pytorch moves to the other class: half of our
  /// smoothing, which moves targets towards 1/2.
  static let smpSmoothing = DialectOption(
    "smooth_factor", summary: "share moved to the other class"
  ) {
    (value, resolution) throws(LossError) in
    guard value != .null else { return }
    guard let share = Double(optionValue: value), (0...0.5).contains(share) else {
      throw refusal("smooth_factor", value, "a number from 0 to 1/2, or null")
    }
    resolution.options["label_smoothing"] = .number(2 * share)
  }
}
