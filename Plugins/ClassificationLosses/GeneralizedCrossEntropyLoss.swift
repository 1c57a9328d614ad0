public import LossCore
import LossDialects

/// Cross entropy whose logarithm is a power, so that a wrong label cannot cost without bound.
///
///     Σ t (1 - p^q) / q        with p = softmax of the logits
///
/// It lies between cross entropy, to which it tends for q to 0, and the probability of a mistake,
/// which it is for q of 1.
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices, `[..., 1]` too, or
///   `[..., class]` one-hot or probabilities; one term a row.
/// - Domain: logits of any size; probabilities from 0 to 1.
/// - Accuracy: `1 - p^q` is `- (e^(q log p) - 1)` and keeps what a sure prediction leaves. The
///   condition number of the slope is `q |log p|`; up to 11 ulp were measured where `p` is below the
///   smallest normal number.
/// - Gradient: with `A = - t p^q` it is `A - p Σ A` for logits, and `- t p^(q - 1)` for
///   probabilities, infinite for a probability of 0 and q below 1; for a dense target
///   `(1 - p^q) / q`.
/// - Reference: Z. Zhang and M. R. Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural
///   Networks with Noisy Labels", 2018, arXiv:1805.07836.
public struct GeneralizedCrossEntropyLoss: RowwiseLoss {
  /// The power, and what prediction and target are.
  public struct Options: LossOptions {
    /// The power: towards 0 it is cross entropy, for 1 the probability of a mistake.
    public var q = 0.7
    /// Whether the prediction holds logits; otherwise probabilities.
    public var fromLogits = true
    /// In which form the target is taken.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "q", \.q, .from(0, to: 1), "the power: 0 is cross entropy, 1 the chance of a mistake"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .choice("targets", \.targets, "in which form the target is taken"),
    ]
  }

  public static let metadata = LossMetadata(
    "generalized_cross_entropy",
    "Cross entropy whose logarithm is a power, so that a wrong label costs no more than 1 / q.",
    formula: "Σ target (1 - p^q) / q,  p = softmax(prediction)",
    domain: "Logits of any size; probabilities from 0 to 1. For q of 0 it is - Σ target log p.",
    references: ["Z. Zhang and M. R. Sabuncu, Generalized Cross Entropy Loss, 2018"],
    dialectEntries: [
      .keras(
        "categorical_generalized_cross_entropy", class: "CategoricalGeneralizedCrossEntropy",
        options: [.same("q")],
        overrides: ["q": 0.5, "from_logits": false, "targets": "index_column"])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    options.fromLogits ? [.nonNegative] : [.nonNegative, .convex]
  }
  /// Prediction with a class axis; indices or numbers for target.
  public var signature: LossSignature {
    options.targets.signature(fromLogits: options.fromLogits)
  }

  /// The term of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let targets = ClassTargets(row, weights: [])
    let formula = PowerFormula(q: options.q)
    if options.fromLogits { return formula.fromLogits(row, targets) }
    return formula.fromProbabilities(row, targets, epsilon: 0)
  }
}

/// `(1 - p^q) / q`, and `- log p` for q of 0.
struct PowerFormula: ClassFormula {
  let q: Double

  init(q: Double) { self.q = q }

  @inline(__always)
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    S(q) == 0 ? -probability.logP : -S.expMinusOne(S(q) * probability.logP) / S(q)
  }

  @inline(__always)
  func derivativeOfLog<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    // The logarithm of a small probability is large, and its rounding would be multiplied.
    let ofLog = S.exp(S(q) * probability.logP)
    let isNormal = probability.p >= S.leastNormalMagnitude
    return S(q) == 0 ? -1 : -S.select(isNormal, S.pow(probability.p, S(q)), ofLog)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ probability: ClassProbability<S>) -> S {
    -S.pow(probability.p, S(q - 1))
  }
}
