public import LossCore
import LossDialects

/// How far scores are from giving a target: the Fenchel–Young loss of an entropy of Tsallis.
///
///     Ω*(s) + Ω(y) - Σ y s        with Ω(p) = (Σ p^α - Σ p) / (α (α - 1)),  Σ p log p for α of 1
///
/// Ω* is the largest value of `Σ p s - Ω(p)` over the distributions p, and p where it has that is the
/// α-entmax of the scores: softmax for α of 1, sparsemax for 2. Above 1 a class whose score is too far
/// below the others has a share of exactly 0, and the loss is 0 from a lead of `1 / (α - 1)` on.
///
/// - Shape: prediction `[..., class]`; target `[...]` class indices, or `[..., class]` one-hot or
///   probabilities; the class axis anywhere; one term a row.
/// - Domain: scores of any size, also -∞ where the target is 0; a row with NaN gives NaN. α at least
///   1. A target need not add up to 1: the formula holds as it stands.
/// - Accuracy: the threshold is found in `Double` to its last bits. For α above 2 the shares rise
///   from 0 as steeply as a root, and a share near 0 is only as exact as the root of a rounding; the
///   loss is not touched by that.
/// - Gradient: `p - y`, continuous; for a dense target `(α y^(α - 1) - 1) / (α (α - 1)) - s`, which
///   is `log y + 1 - s` for α of 1, and 0 where that is infinite, at a target of 0.
/// - Reference: M. Blondel, A. F. T. Martins and V. Niculae, "Learning with Fenchel-Young Losses",
///   J. Mach. Learn. Res. 21 (2020), arXiv:1901.02324; B. Peters, V. Niculae and A. F. T. Martins,
///   "Sparse Sequence-to-Sequence Models", 2019, arXiv:1905.05702.
public struct FenchelYoungLoss: ClassWeightedLoss {
  /// The entropy, and what is done with the target.
  public struct Options: LossOptions {
    /// The exponent of the entropy: 1 for softmax, 1.5 for entmax, 2 for sparsemax.
    public var alpha = 1.5
    /// Whether the entropy of the target is taken off, so that the best prediction costs nothing.
    public var lessEntropy = true
    /// A class index whose rows are removed.
    public var ignoreIndex: Int?
    /// In which form the target is taken.
    public var targets = TargetForm.any
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "alpha", \.alpha, .atLeast(1),
        "the exponent: 1 for softmax, 1.5 for entmax, 2 for sparsemax"),
      .flag("less_entropy", \.lessEntropy, "whether the entropy of the target is taken off"),
      .integer("ignore_index", \.ignoreIndex, "a class index whose rows are removed"),
      .choice("targets", \.targets, "in which form the target is taken"),
    ]
  }

  public static let metadata = LossMetadata(
    "fenchel_young", "How far scores are from giving a target by α-entmax, which can be sparse.",
    formula: """
      max(Σ p s - Ω(p)) + Ω(y) - Σ y s        over the distributions p
      Ω(p) = (Σ p^α - Σ p) / (α (α - 1))      Σ p log p for α of 1
      s = prediction,  y = target
      """,
    domain: "Scores of any size; α at least 1. Without less_entropy, Ω(y) is left out.",
    references: [
      "M. Blondel et al., Learning with Fenchel-Young Losses, 2020",
      "B. Peters et al., Sparse Sequence-to-Sequence Models, 2019",
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
  /// Scores with a class axis; indices or numbers for target.
  public var signature: LossSignature { options.targets.signature(fromLogits: true) }
  /// The class index whose rows are removed.
  public var ignoredClass: Int? { options.ignoreIndex }
  /// None: all classes weigh the same.
  public var classWeights: [Double] { [] }
  /// A number a class, for the shares.
  public func workspaceCount(length: Int) -> Int { length }

  /// The term of one row; its gradients if wanted.
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
  /// The function whose gradient gives the shares; of those that Optax takes, the one with a name.
  static let maxFun = DialectOption("max_fun", summary: "\"logsumexp\"") {
    (value, _) throws(LossError) in
    guard case .text("logsumexp") = value else {
      throw LossError(
        .invalidOption, subject: "max_fun", found: "is \(value.text)", expected: "\"logsumexp\"",
        hint: "Other functions of the caller have no name; fenchel_young has alpha.")
    }
  }
}
