public import LossCore
import LossDialects

/// Noise-robust cross entropy (1 − p^q) / q, between cross entropy and absolute error.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
/// - Accuracy: `1 - p^q` is computed as `-(e^(q log p) - 1)`, which keeps the small terms of a
///   confident prediction. The condition number of the derivative is `q |log p|`; up to 11 ulp were
///   measured for subnormal `p`.
public struct GeneralizedCrossEntropyLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Exponent: 0 gives cross entropy, 1 the error probability.
    public var q = 0.7
    /// Whether prediction holds logits, not probabilities.
    public var fromLogits = true
    /// Accepted form of the target.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "q", \.q, .from(0, to: 1), "exponent: 0 gives cross entropy, 1 the error probability"),
      .flag("from_logits", \.fromLogits, "whether prediction holds logits, not probabilities"),
      .choice("targets", \.targets, "accepted form of the target"),
    ]
  }

  public static let metadata = LossMetadata(
    "generalized_cross_entropy",
    "Noise-robust cross entropy (1 − p^q) / q, between cross entropy and absolute error.",
    formula: "Σ target (1 - p^q) / q,  p = softmax(prediction)",
    domain: """
      Logits of any size; probabilities from 0 to 1. For \
      q = 0 it is the cross entropy - Σ target log p.
      """,
    gradient: "Infinite with respect to a probability of 0 for q below 1.",
    usage: """
      Classification with noisy labels: the loss is at most 1 / q, so that mislabelled examples \
      cannot dominate as in cross_entropy. A larger q is more robust and trains more slowly.
      """,
    related: ["cross_entropy", "poly_cross_entropy", "focal"], alsoKnownAs: ["gce"],
    references: [
      """
      Z. Zhang and M. R. Sabuncu, Generalized Cross Entropy Loss for Training \
      Deep Neural Networks with Noisy Labels, 2018, arXiv:1805.07836
      """
    ],
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
  public var signature: LossSignature {
    options.targets.signature(fromLogits: options.fromLogits)
  }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let targets = ClassTargets(row, weights: [])
    let formula = PowerFormula(q: options.q)
    if options.fromLogits { return formula.fromLogits(row, targets) }
    return formula.fromProbabilities(row, targets, epsilon: 0)
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard options.fromLogits, context.integers(1) != nil else { return try forEachRow(context) }
    let formula = PowerFormula(q: options.q)
    try forEachRow(context) { formula.fromLogits($0, [], into: $1) }
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    let targets = ClassTargets(row, weights: [])
    let formula = PowerFormula(q: options.q)
    if options.fromLogits {
      formula.writeProductsFromLogits(row, targets)
    } else {
      formula.writeProductsFromProbabilities(row, targets, epsilon: 0)
    }
    return value
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
  func derivativeOfLog<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    // exp would amplify the rounding error of log p; a subnormal p has lost more itself.
    let fromLog = S.exp(S(q) * probability.logP)
    let isNormal = probability.p >= S.leastNormalMagnitude
    return S(q) == 0 ? -1 : -S.select(isNormal, S.pow(probability.p, S(q)), fromLog)
  }

  @inline(__always)
  func derivative<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S {
    -S.pow(probability.p, S(q - 1))
  }
}
