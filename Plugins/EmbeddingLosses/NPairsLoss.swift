public import LossCore

/// Softmax cross entropy of each anchor's positive against the other positives.
///
/// A masked or zero-weighted pair leaves the batch.
///
/// - Shape: anchor and positive `[item, feature]`, row by row a pair; one term per pair.
/// - Accuracy: a product is off by up to 4 ulp of the product of both lengths, an exponent by
///   `scale` times as much; the condition number of a term is that of its exponents.
public struct NPairsLoss: MarginSoftmaxLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Factor of the dot products.
    public var scale = 1.0
    /// Whether to divide vectors by their lengths.
    public var normalize = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("scale", \.scale, .above(0), "factor of the dot products"),
      .flag("normalize", \.normalize, "whether to divide vectors by their lengths"),
    ]
  }

  public static let metadata = LossMetadata(
    "n_pairs", "Softmax cross entropy of each anchor's positive against the other positives.",
    formula: "- log(exp(scale a_i · p_i) / Σ_j exp(scale a_i · p_j))",
    domain: "Finite vectors with finite products; with normalize a zero vector has cosine 0.",
    gradient: "With normalize 0 for a zero vector.",
    usage: """
      Metric learning from one pair per class, without mining. With normalize and scale 1 / \
      temperature it is one direction of the CLIP loss. The L2 penalty of the paper is not \
      included.
      """,
    related: ["ntxent", "triplet_margin", "supcon"],
    alsoKnownAs: ["npair", "npairs"],
    references: [
      "K. Sohn, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, 2016"
    ])
  private static let pairs = LossSignature(
    .real("anchor", "item feature"), .real("positive", "item feature"), terms: "item")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }
  public var signature: LossSignature { Self.pairs }
  /// The factor of the dot products.
  public var scale: Double { options.scale }
  /// Whether products are cosines.
  public var usesCosines: Bool { options.normalize }
}
