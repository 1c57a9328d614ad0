public import LossCore
import LossDialects

/// Cosine similarity of two vectors: 1 for equal directions, −1 for opposite ones.
public struct CosineSimilarityLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "cosine_similarity",
    "Cosine similarity of two vectors: 1 for equal directions, −1 for opposite ones.",
    formula: """
      prediction · target / max(|prediction| |target|, epsilon)
      prediction · target / (max(|prediction|, epsilon) max(|target|, epsilon))  bounded each
      """,
    domain: "Every finite vector of any magnitude; a zero vector has cosine 0.",
    gradient: """
      0 for a zero vector if epsilon is 0. A length, or product of lengths, below epsilon is \
      replaced by epsilon and held constant.
      """,
    usage: """
      A metric for embeddings. Minimising it makes vectors dissimilar; to align them minimise \
      cosine_distance.
      """,
    related: ["cosine_distance", "cosine_embedding"],
    alsoKnownAs: ["cos_sim"],
    dialectEntries: [
      .axon(
        "cosine_similarity",
        options: [.same("eps", as: "epsilon"), .axonAxes], overrides: ["epsilon": 1e-6]
      ) { resolution in
        resolution.classAxis = resolution.classAxis ?? 1
      },
      .torchRows(
        "cosine_similarity", class: "CosineSimilarity",
        options: [.classAxis("dim"), .same("eps", as: "epsilon")],
        overrides: ["epsilon": 1e-8, "bounded": "each"],
        arguments: [DialectArgument(.prediction, "x1"), DialectArgument(.target, "x2")]
      ) { $0.reduction = Reduction.unreduced },
      .keras("cosine_similarity", class: "CosineSimilarity", options: [.classAxis()]) {
        $0.scale = -1
      },
      .optax(
        "cosine_similarity", options: [.classAxes, .optaxWhere, .squaredLength],
        overrides: ["bounded": "each"]
      ).masking([.prediction: 0, .target: 0], keepsEmptyRows: true),
      .mlx(
        "cosine_similarity_loss", options: [.classAxis(), .same("eps", as: "epsilon")],
        overrides: ["epsilon": 1e-8],
        arguments: [DialectArgument(.prediction, "x1"), DialectArgument(.target, "x2")]
      ) { $0.classAxis = $0.classAxis ?? 1 },
    ])
  /// Two vectors per row.
  public static let pairSignature = LossSignature(
    .real(.prediction, "... feature"), .real(.target, "... feature"), terms: "...",
    classAxis: "feature")

  public let options: CosineOptions
  public init(options: CosineOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(-1...1), .symmetric] }
  public var signature: LossSignature { Self.pairSignature }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    Cosine.values(row, options, scale: row.gradientScale).cosine
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    Cosine.writeProducts(row, options, scale: row.gradientScale)
    return value
  }
}

extension DialectOption {
  /// Optax bounds the squared length; its root bounds the length.
  static let squaredLength = DialectOption("epsilon", summary: "lower bound of squared lengths") {
    (value, resolution) throws(LossError) in
    guard let square = Double(optionValue: value), square >= 0 else {
      throw refusal("epsilon", value, "a number of at least zero")
    }
    resolution.options["epsilon"] = .number(square.squareRoot())
  }

  /// The feature axis, which Axon gives as a list of one axis.
  static let axonAxes = DialectOption("axes", summary: "the feature axis, in a list") {
    (value, resolution) throws(LossError) in
    guard let axes = [Int](optionValue: value), axes.count == 1 else {
      throw LossError(
        .invalidOption, subject: "axes", found: "is \(value.text)", expected: "a list of one axis")
    }
    resolution.classAxis = axes[0]
  }
}
