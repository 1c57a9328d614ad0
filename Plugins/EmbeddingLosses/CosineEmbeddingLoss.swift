public import LossCore
import LossDialects

/// 1 − cosine of similar pairs; cosine above a margin of dissimilar pairs.
public struct CosineEmbeddingLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Cosine up to which dissimilar pairs cost 0.
    public var margin = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .from(-1, to: 1), "cosine up to which dissimilar pairs cost 0")
    ]
  }

  public static let metadata = LossMetadata(
    "cosine_embedding", "1 − cosine of similar pairs; cosine above a margin of dissimilar pairs.",
    formula: """
      target = +1 :  1 - cos(first, second)
      target = -1 :  max(0, cos(first, second) - margin)
      """,
    domain: "Finite vectors, a zero vector with cosine 0; target +1 if similar, −1 if dissimilar.",
    gradient: "0 for a dissimilar pair whose cosine is at most the margin, and for a zero vector.",
    usage: """
      Embeddings from labelled pairs, compared by direction. For distances use hinge_embedding or \
      siamese_contrastive.
      """,
    related: ["hinge_embedding", "siamese_contrastive", "cosine_distance", "triplet_margin"],
    references: ["PyTorch, CosineEmbeddingLoss"],
    dialectEntries: [
      .torch(
        "cosine_embedding_loss", class: "CosineEmbeddingLoss", options: [.same("margin")],
        arguments: [
          DialectArgument(.first, "input1", "x1"), DialectArgument(.second, "input2", "x2"),
          .torchTarget,
        ])
    ])
  private static let pairs = LossSignature(
    .real(.first, "... feature"), .real(.second, "... feature"), .labels(.target, "..."),
    terms: "...", classAxis: "feature")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }
  public var signature: LossSignature { Self.pairs }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let first = row[0], let second = row[1], let target = row[2]?[0] else { return 0 }
    let distance = CosineDistance(first, second, count: row.count)
    let excess = distance.angle.cosine - options.margin
    let isSimilar = target > 0
    let derivative: S = isSimilar ? 1 : excess <= 0 ? 0 : -1
    distance.writeGradients(
      of: (first, second), count: row.count, row.gradient(0), row.gradient(1),
      scale: derivative * row.gradientScale)
    return S(isSimilar ? distance.value : excess <= 0 ? 0 : excess)
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    guard let first = row[0], let second = row[1], let target = row[2]?[0] else { return value }
    // A dissimilar pair up to the margin has the value 0.
    let factor: S = target > 0 ? -1 : value == 0 ? 0 : 1
    RowMath.cosineProducts(
      first, second, (row.vector(0), row.vector(1)), count: row.count, bound: .each(0),
      scale: factor * row.gradientScale, into: (row.gradient(0), row.gradient(1)))
    return value
  }
}
