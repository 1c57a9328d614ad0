public import LossCore
import LossDialects

/// Turns a pair that is alike to one direction, and one that is not apart by an angle at least.
///
///     target = +1 :  1 - cos(first, second)
///     target = -1 :  max(0, cos(first, second) - margin)
///
/// - Shape: first and second `[..., feature]`, equal; target `[...]`; the class axis is the feature
///   axis; one term a row.
/// - Domain: every finite vector, however long or short; target +1 for a pair that is alike, -1 for
///   one that is not. A zero vector has cosine 0 and gradient 0.
/// - Gradient: that of the cosine, negated for a pair that is alike; 0 where the cosine is at most
///   the margin for one that is not.
public struct CosineEmbeddingLoss: RowwiseLoss {
  /// The margin.
  public struct Options: LossOptions {
    /// The cosine down to which pairs that are not alike are turned apart.
    public var margin = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .from(-1, to: 1), "down to which cosine pairs are turned apart")
    ]
  }

  public static let metadata = LossMetadata(
    "cosine_embedding", "Turns a pair that is alike to one direction, and others apart.",
    formula: """
      target = +1 :  1 - cos(first, second)
      target = -1 :  max(0, cos(first, second) - margin)
      """,
    domain: "Every finite vector; a target of -1 or +1.",
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
  /// Two vectors and a label.
  public var signature: LossSignature { Self.pairs }

  /// The term of one pair; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let first = row[0], let second = row[1], let target = row[2]?[0] else { return 0 }
    let distance = CosineDistance(first, second, count: row.count)
    let excess = distance.angle.cosine - options.margin
    let isAlike = target > 0
    let derivative: S = isAlike ? 1 : excess <= 0 ? 0 : -1
    distance.writeGradients(
      of: (first, second), count: row.count, row.gradient(0), row.gradient(1),
      scale: derivative * row.gradientScale)
    return S(isAlike ? distance.value : excess <= 0 ? 0 : excess)
  }
}
