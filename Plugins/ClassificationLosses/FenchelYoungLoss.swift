public import LossCore
import LossDialects

/// Fenchel-Young loss of α-entmax, from softmax (α = 1) to sparsemax (α = 2).
///
/// The maximising `p` is the α-entmax of the scores. For α above 1, a class whose score is far
/// below the others has a probability of exactly 0, and a lead of `1 / (α - 1)` gives a loss of 0.
///
/// - Shape: prediction `[..., class]`, target `[...]` class indices or `[..., class]`.
/// - Accuracy: the threshold is exact to the last bits of `Double`. For α above 2, a probability
///   near 0 is only as exact as a root of the rounding error; the loss is not affected.
public struct FenchelYoungLoss: ClassWeightedLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Exponent of the Tsallis entropy: 1 softmax, 1.5 entmax, 2 sparsemax.
    public var alpha = 1.5
    /// Whether the entropy of the target is subtracted.
    public var lessEntropy = true
    /// Class index whose rows are removed.
    public var ignoreIndex: Int?
    /// Accepted form of the target.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "alpha", \.alpha, .atLeast(1),
        "exponent of the Tsallis entropy: 1 softmax, 1.5 entmax, 2 sparsemax"),
      .flag("less_entropy", \.lessEntropy, "whether the entropy of the target is subtracted"),
      .integer("ignore_index", \.ignoreIndex, "class index whose rows are removed"),
      .choice("targets", \.targets, "accepted form of the target"),
    ]
  }

  public static let metadata = LossMetadata(
    "fenchel_young", "Fenchel-Young loss of α-entmax, from softmax (α = 1) to sparsemax (α = 2).",
    formula: """
      max(Σ p s - Ω(p)) + Ω(y) - Σ y s        over the distributions p
      Ω(p) = (Σ p^α - Σ p) / (α (α - 1))      Σ p log p for α of 1
      s = prediction,  y = target
      """,
    domain: """
      Scores of any size, also -∞ where the target is 0; a row with NaN gives \
      NaN. A target need not sum to 1; Ω(y) must be finite. Without less_entropy it is left out.
      """,
    gradient: """
      With respect to a target of 0: 0 for alpha 1, where the derivative \
      is infinite; the one-sided derivative for alpha above 1.
      """,
    usage: """
      Classification or attention with sparse probabilities: alpha 1.5 is the usual choice. \
      With cross_entropy (alpha 1) every class keeps some probability; sparsemax is alpha 2.
      """,
    related: ["sparsemax", "cross_entropy", "binary_sparsemax"],
    alsoKnownAs: ["entmax", "entmax15"],
    references: [
      """
      M. Blondel, A. F. T. Martins and V. Niculae, Learning \
      with Fenchel-Young Losses, 2020, arXiv:1901.02324
      """,
      """
      B. Peters, V. Niculae and A. F. T. Martins, Sparse \
      Sequence-to-Sequence Models, 2019, arXiv:1905.05702
      """,
    ],
    dialectEntries: [
      .optax(
        "make_fenchel_young_loss", options: [.maxFun],
        overrides: ["alpha": 1, "less_entropy": false, "targets": "dense"],
        arguments: [DialectArgument(.prediction, "scores"), DialectArgument(.target, "targets")])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(2.0.squareRoot())] }
  public var signature: LossSignature {
    options.targets.ignoring(options.ignoreIndex).signature(fromLogits: true)
  }
  public var ignoredClass: Int? { options.ignoreIndex }
  public var classWeights: [Double] { [] }
  public func workspaceCount(length: Int) -> Int { length }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let lessEntropy = options.lessEntropy
    return switch options.alpha {
    case 1: Entmax.loss(ExponentialCurve(), row, lessEntropy: lessEntropy)
    case 1.5: Entmax.loss(SquareCurve(), row, lessEntropy: lessEntropy)
    case 2: Entmax.loss(LinearCurve(), row, lessEntropy: lessEntropy)
    default: Entmax.loss(PowerCurve(a: options.alpha - 1), row, lessEntropy: lessEntropy)
    }
  }
}

extension DialectOption {
  /// The function whose gradient gives the probabilities; Optax takes any, JSON names one.
  static let maxFun = DialectOption("max_fun", summary: "\"logsumexp\"") {
    (value, _) throws(LossError) in
    guard case .text("logsumexp") = value else {
      throw LossError(
        .invalidOption, subject: "max_fun", found: "is \(value.text)", expected: "\"logsumexp\"",
        hint: "Other functions cannot be given by name; fenchel_young has the option alpha.")
    }
  }
}
