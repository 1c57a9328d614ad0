public import LossCore
import LossDialects

/// Triplet margin loss: max(0, d(anchor, positive) − d(anchor, negative) + margin).
///
/// The other distances use neither `p` nor the epsilons, an infinite `p` no `root_epsilon`. With `swap` the distance to the negative
/// is the smaller of d(anchor, negative) and d(positive, negative).
public struct TripletMarginLoss: RowwiseLoss {
  /// The distance between two vectors.
  public enum Distance: String, OptionChoice {
    /// The p-norm of the difference.
    case pNorm = "p_norm"
    /// The sum of squared differences.
    case squaredEuclidean = "squared_euclidean"
    /// 1 - cosine.
    case cosine
  }

  /// Options of the loss.
  public struct Options: LossOptions {
    /// Margin between the positive and the negative distance.
    public var margin = 1.0
    /// Distance between two vectors.
    public var distance = Distance.pNorm
    /// Order of the p-norm; 2 is Euclidean, infinity the largest difference.
    public var p = 2.0
    /// Constant added to every difference.
    public var epsilon = 0.0
    /// Constant added to the sum of powers.
    public var rootEpsilon = 0.0
    /// Whether to use d(positive, negative) where it is smaller.
    public var swap = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "margin between the positive and the negative distance"),
      .choice("distance", \.distance, "distance between two vectors"),
      OptionField(
        "p", \.p, range: "a number of at least 1, or inf",
        "order of the p-norm; 2 is Euclidean, infinity the largest difference"
      ) { $0 >= 1 },
      .number("epsilon", \.epsilon, .finite, "constant added to every difference"),
      .number("root_epsilon", \.rootEpsilon, .atLeast(0), "constant added to the sum of powers"),
      .flag("swap", \.swap, "whether to use d(positive, negative) where it is smaller"),
    ]
  }

  public static let metadata = LossMetadata(
    "triplet_margin",
    "Triplet margin loss: max(0, d(anchor, positive) − d(anchor, negative) + margin).",
    formula: """
      max(0, d(anchor, positive) - d(anchor, negative) + margin)
      d(x, y) = (Σ |x - y + epsilon|^p + root_epsilon)^(1/p)     by default
      d(x, y) = max |x - y + epsilon|                            with an infinite p
      d(x, y) = Σ (x - y)²                                       with squared_euclidean
      d(x, y) = 1 - cos(x, y)                                    with cosine
      """,
    domain: "Finite vectors at finite distances, of any magnitude; NaN gives NaN.",
    gradient: """
      0 outside the margin and at its edge, for a distance of 0, for a zero vector under the \
      cosine, and with p = 1 for a feature that both vectors share. With an infinite p the largest \
      differences share 1. With swap, equal distances use the anchor.
      """,
    usage: """
      Metric learning from mined triplets. With labels for the whole batch, multi_similarity and \
      ntxent compare each item with every negative.
      """,
    related: ["multi_similarity", "ntxent", "siamese_contrastive", "margin_ranking"],
    alsoKnownAs: ["triplet"],
    references: [
      "V. Balntas et al., Learning Shallow Convolutional Feature Descriptors with "
        + "Triplet Losses, 2016"
    ],
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
  // Names only: a function of the caller cannot be given as an option.
  private static let distanceFunction = DialectOption(
    "distance_function", summary: "pairwise_distance, squared_euclidean, cosine"
  ) { (value, resolution) throws(LossError) in
    switch value {
    case .null, .text("pairwise_distance"): resolution.options["distance"] = .text("p_norm")
    case .text("squared_euclidean"), .text("cosine"): resolution.options["distance"] = value
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
  public var signature: LossSignature { Self.triplets }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    switch options.distance {
    case .pNorm where options.p == 2: return term(row, power: EuclideanPower())
    case .pNorm where options.p == 1: return term(row, power: ManhattanPower())
    case .pNorm where options.p == .infinity:
      let epsilon = S(options.epsilon)
      return term(row) { LargestDistance($0, $1, count: row.count, epsilon: epsilon) }
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
    let positiveDistance = distance(anchor, positive)
    var negativeDistance = distance(anchor, negative)
    var isSwapped = false
    if options.swap {
      let swapped = distance(positive, negative)
      if swapped.value < negativeDistance.value || swapped.value.isNaN {
        (negativeDistance, isSwapped) = (swapped, true)
      }
    }
    let excess = positiveDistance.value - negativeDistance.value + options.margin
    // False for NaN, which propagates.
    let scale = excess <= 0 ? 0 : row.gradientScale
    positiveDistance.writeGradients(
      of: (anchor, positive), count: row.count, row.gradient(0), row.gradient(1), scale: scale)
    negativeDistance.writeGradients(
      of: (isSwapped ? positive : anchor, negative), count: row.count,
      row.gradient(isSwapped ? 1 : 0), addsFirst: true, row.gradient(2), scale: -scale)
    return excess <= 0 ? 0 : S(excess)
  }
}
