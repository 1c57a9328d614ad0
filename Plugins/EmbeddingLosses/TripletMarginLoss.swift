public import LossCore
import LossDialects

/// How far an anchor's distance to its positive fails to fall below that to its negative by a margin.
///
///     max(0, d(anchor, positive) - d(anchor, negative) + margin)
///     d(x, y) = (Σ |x - y + epsilon|^p + root_epsilon)^(1/p)
///
/// The `distance` may also be `squared_euclidean`, Σ (x - y)², or `cosine`, 1 - cos(x, y), which use
/// neither `p` nor the epsilons.
///
/// With `swap`, the distance to the negative is the smaller of d(anchor, negative) and
/// d(positive, negative).
///
/// - Shape: anchor, positive and negative `[..., feature]`, equal; the class axis is the feature
///   axis; one term a row.
/// - Domain: every finite vector, however long or short; NaN gives NaN.
/// - Gradient: that of both distances inside the margin, 0 outside and at its edge. A distance of 0
///   has the gradient 0, as has a feature that two vectors share with `p` of 1; of two equal
///   distances the anchor's counts. A zero vector has the cosine 0 and the gradient 0.
/// - Reference: V. Balntas et al., "Learning Shallow Convolutional Feature Descriptors with Triplet
///   Losses", 2016.
public struct TripletMarginLoss: RowwiseLoss {
  /// How far two vectors are from each other.
  public enum Distance: String, OptionChoice {
    /// The length of their difference, by the power `p`.
    case pNorm = "p_norm"
    /// The sum of squared differences.
    case squaredEuclidean = "squared_euclidean"
    /// What the cosine lacks to 1.
    case cosine
  }

  /// The margin and the distance.
  public struct Options: LossOptions {
    /// By how much the negative is to be further away.
    public var margin = 1.0
    /// How far two vectors are from each other.
    public var distance = Distance.pNorm
    /// The power of the distance: 2 is Euclid's.
    public var p = 2.0
    /// What is added to every difference.
    public var epsilon = 0.0
    /// What is added to the sum of powers, before the root.
    public var rootEpsilon = 0.0
    /// Whether the negative may be compared with the positive instead of the anchor.
    public var swap = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "by how much the negative is to be further away"),
      .choice("distance", \.distance, "how far two vectors are from each other"),
      .number("p", \.p, .atLeast(1), "the power of the distance: 2 is Euclid's"),
      .number("epsilon", \.epsilon, .finite, "what is added to every difference"),
      .number("root_epsilon", \.rootEpsilon, .atLeast(0), "what is added before the root"),
      .flag("swap", \.swap, "whether the negative may be compared with the positive"),
    ]
  }

  public static let metadata = LossMetadata(
    "triplet_margin", "How far a positive fails to be nearer than a negative by a margin.",
    formula: """
      max(0, d(anchor, positive) - d(anchor, negative) + margin)
      d(x, y) = (Σ |x - y + epsilon|^p + root_epsilon)^(1/p)
      """,
    domain: "Every finite vector. A distance of 0 has the gradient 0.",
    references: ["V. Balntas et al., Learning Shallow Convolutional Feature Descriptors, 2016"],
    dialectEntries: [
      .torch(
        "triplet_margin_loss", class: "TripletMarginLoss",
        options: [.same("margin"), .same("p"), .same("eps", as: "epsilon"), .same("swap")],
        overrides: ["epsilon": 1e-6],
        arguments: [
          DialectArgument("anchor", "anchor"), DialectArgument("positive", "positive"),
          DialectArgument("negative", "negative"),
        ]),
      .torch(
        "triplet_margin_with_distance_loss", class: "TripletMarginWithDistanceLoss",
        options: [distanceFunction, .same("margin"), .same("swap")], overrides: ["epsilon": 1e-6],
        arguments: [
          DialectArgument("anchor", "anchor"), DialectArgument("positive", "positive"),
          DialectArgument("negative", "negative"),
        ]),
      .optax(
        "triplet_margin_loss",
        options: [
          .same("margin"), .same("norm_degree", as: "p"), .same("eps", as: "root_epsilon"),
          .classAxis(),
        ],
        overrides: ["root_epsilon": 1e-6], arguments: triplet),
      .mlx(
        "triplet_loss",
        options: [
          .same("margin"), .same("p"), .same("eps", as: "root_epsilon"), .classAxis(),
        ],
        overrides: ["root_epsilon": 1e-6], arguments: triplet),
    ])
  /// PyTorch's default by its name, and ours; a function of the caller's own has none.
  private static let distanceFunction = DialectOption(
    "distance_function", summary: "pairwise_distance, squared_euclidean, cosine"
  ) { (value, selection) throws(LossError) in
    switch value {
    case .null, .text("pairwise_distance"): selection.options["distance"] = .text("p_norm")
    case .text("squared_euclidean"), .text("cosine"): selection.options["distance"] = value
    default:
      throw DialectOption.refusal(
        "distance_function", value, "pairwise_distance, squared_euclidean or cosine")
    }
  }
  private static let triplet = [
    DialectArgument("anchor", "anchors"), DialectArgument("positive", "positives"),
    DialectArgument("negative", "negatives"),
  ]
  private static let triplets = LossSignature(
    .real("anchor", "... feature"), .real("positive", "... feature"),
    .real("negative", "... feature"), terms: "...", classAxis: "feature")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.nonNegative] }
  /// Three vectors a row.
  public var signature: LossSignature { Self.triplets }

  /// The term of one triplet; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    switch options.distance {
    case .pNorm where options.p == 2: return term(row, power: EuclideanPower())
    case .pNorm where options.p == 1: return term(row, power: ManhattanPower())
    case .pNorm: return term(row, power: GeneralPower(options.p))
    case .squaredEuclidean: return term(row) { SquaredDistance($0, $1, count: row.count) }
    case .cosine: return term(row) { CosineDistance($0, $1, count: row.count) }
    }
  }

  @inline(__always)
  func term<S: LossScalar>(_ row: Row<S>, power: some DistancePower) -> S {
    let (epsilon, rootEpsilon) = (S(options.epsilon), options.rootEpsilon)
    return term(row) { x, y in
      PowerDistance(
        x, y, count: row.count, power: power, epsilon: epsilon, rootEpsilon: rootEpsilon)
    }
  }

  @inline(__always)
  func term<S: LossScalar, D: VectorDistance<S>>(
    _ row: Row<S>, _ distance: (UnsafePointer<S>, UnsafePointer<S>) -> D
  ) -> S {
    guard let anchor = row[0], let positive = row[1], let negative = row[2] else { return 0 }
    let near = distance(anchor, positive)
    var far = distance(anchor, negative)
    var isSwapped = false
    if options.swap {
      let swapped = distance(positive, negative)
      if swapped.value < far.value || swapped.value.isNaN { (far, isSwapped) = (swapped, true) }
    }
    let excess = near.value - far.value + options.margin
    // NaN is not at the edge.
    let scale = excess <= 0 ? 0 : row.gradientScale
    near.writeGradients(
      of: (anchor, positive), count: row.count, row.gradient(0), row.gradient(1), scale: scale)
    far.writeGradients(
      of: (isSwapped ? positive : anchor, negative), count: row.count,
      row.gradient(isSwapped ? 1 : 0), addsFirst: true, row.gradient(2), scale: -scale)
    return excess <= 0 ? 0 : S(excess)
  }
}
