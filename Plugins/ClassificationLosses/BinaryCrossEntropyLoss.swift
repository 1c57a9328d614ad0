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
public struct BinaryCrossEntropyLoss: ElementwiseLoss {
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
    /// Logits, and nothing else.
    public init() {}
    /// The options, described.
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

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "binary_cross_entropy", "The surprise at a yes or a no, element by element.",
    formula: "- (positive t log(p + ε) + negative (1 - t) log(1 - p + ε)),  p = σ(prediction)",
    domain: "Logits of any size; probabilities from 0 to 1, 0 log 0 is 0.",
    references: ["D. R. Cox, The Regression Analysis of Binary Sequences, 1958"],
    spellings: [
      .flux(
        "binarycrossentropy", options: [.fluxEpsilon],
        fixed: ["from_logits": false, "epsilon": "machine"]),
      .flux("logitbinarycrossentropy"),
      .axon(
        "binary_cross_entropy", terms: .meanOfLastAxis,
        options: [.same("from_logits"), .same("positive_weight"), .same("negative_weight")],
        fixed: [
          "from_logits": false, "epsilon": Spelling.axonEpsilon, "clip": Spelling.axonEpsilon,
        ]
      ) { selection in
        // With a weight Axon averages over everything, whatever the reduction says.
        if !selection.given.isDisjoint(with: ["positive_weight", "negative_weight"]) {
          selection.reduction = .mean
        }
      },
    ])

  /// What the prediction is, and what each answer weighs.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options = Options()) { self.options = options }
  /// Logits or probabilities, and targets from 0 to 1.
  @inlinable public var signature: LossSignature {
    options.fromLogits ? .elementwiseLogits : .elementwiseProbabilities
  }

  /// The weights of the two logarithms.
  @inlinable @inline(__always)
  func masses<S: LossScalar>(_ target: S) -> (positive: S, negative: S) {
    let smoothing = S(options.labelSmoothing)
    let t = target * (1 - smoothing) + smoothing / 2
    return (S(options.positiveWeight) * t, S(options.negativeWeight) * (1 - t))
  }

  /// The two logarithms, negated: the surprise at a yes and at a no.
  @inlinable @inline(__always)
  func surprises<S: LossScalar>(_ prediction: S) -> (yes: S, no: S) {
    if options.fromLogits {
      let rest = S.log(onePlusFraction: S.exp(-prediction.magnitude))
      return (S.positivePart(-prediction) + rest, S.positivePart(prediction) + rest)
    }
    let epsilon = options.epsilon(S.self)
    let p = clipped(prediction)
    // Above a half 1 - p is exact, below it the logarithm keeps a small p.
    let no = S.select(p < 0.5, S.log(onePlus: epsilon - p), S.log((1 - p) + epsilon))
    return (-S.log(p + epsilon), -no)
  }

  @inlinable @inline(__always)
  func clipped<S: LossScalar>(_ probability: S) -> S {
    let clip = S(options.clip)
    return S.select(clip == 0, probability, S.clamped(probability, clip, 1 - clip))
  }

  /// The weighted surprise.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let mass = masses(target)
    let surprise = surprises(prediction)
    return S.select(mass.positive == 0, 0, mass.positive * surprise.yes)
      + S.select(mass.negative == 0, 0, mass.negative * surprise.no)
  }

  /// The derivatives of the weighted surprise.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let mass = masses(target)
    let surprise = surprises(prediction)
    let change = 1 - S(options.labelSmoothing)
    let targetSlope =
      change
      * (S(options.positiveWeight) * surprise.yes - S(options.negativeWeight) * surprise.no)
    if options.fromLogits {
      let slope = mass.negative * S.sigmoid(prediction) - mass.positive * S.sigmoid(-prediction)
      return (slope, targetSlope)
    }
    let epsilon = options.epsilon(S.self)
    let p = clipped(prediction)
    let slope =
      S.select(mass.negative == 0, 0, mass.negative / (1 - p + epsilon))
      - S.select(mass.positive == 0, 0, mass.positive / (p + epsilon))
    return (S.select(p < prediction || p > prediction, 0, slope), targetSlope)
  }
}
