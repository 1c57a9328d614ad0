public import LossCore
import LossDialects

/// 1 − cosine similarity of two vectors.
public struct CosineDistanceLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "cosine_distance", "1 − cosine similarity of two vectors.",
    formula: """
      1 - prediction · target / max(|prediction| |target|, epsilon)
      1 - prediction · target / (max(|prediction|, epsilon) max(|target|, epsilon))  bounded each
      """,
    domain: "Every finite vector of any magnitude; a zero vector has distance 1.",
    gradient: """
      0 for a zero vector if epsilon is 0. A length, or product of lengths, below epsilon is \
      replaced by epsilon and held constant.
      """,
    usage: """
      Aligns embeddings whose length does not matter. If it does use mean_squared_error; for \
      labelled pairs use cosine_embedding.
      """,
    related: ["cosine_similarity", "cosine_embedding", "mean_squared_error"],
    alsoKnownAs: ["cosine"],
    dialectEntries: [
      .optax(
        "cosine_distance", options: [.classAxes, .optaxWhere, .squaredLength],
        overrides: ["bounded": "each"]
      ).masking([.prediction: 0, .target: 0], keepsEmptyRows: true)
    ])

  public let options: CosineOptions
  public init(options: CosineOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }
  public var signature: LossSignature { CosineSimilarityLoss.pairSignature }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    Cosine.values(row, options, scale: -row.gradientScale).distance
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    Cosine.writeProducts(row, options, scale: -row.gradientScale)
    return value
  }
}
