public import LossCore
import LossDialects

/// One minus the cosine of the angle between two vectors: 0 for equal directions, 2 for opposite.
///
///     1 - prediction · target / max(|prediction| |target|, ε)
///     1 - prediction · target / (max(|prediction|, ε) max(|target|, ε))      with `bounded` `each`
///
/// - Shape: prediction and target `[..., feature]`, equal; the class axis is the feature axis; one
///   term a row.
/// - Domain: every finite vector; a zero vector has distance 1 and, without epsilon, gradient 0.
/// - Gradient: that of the cosine, negated.
public struct CosineDistanceLoss: RowwiseLoss {
  public static let metadata = LossMetadata(
    "cosine_distance", "One minus the cosine of the angle between two vectors.",
    formula: """
      1 - prediction · target / max(|prediction| |target|, epsilon)
      1 - prediction · target / (max(|prediction|, epsilon) max(|target|, epsilon))  bounded each
      """,
    domain: "Every finite vector; a zero vector has distance 1 and, without epsilon, gradient 0.",
    dialectEntries: [
      .optax(
        "cosine_distance", options: [.classAxis(), .squaredLength], overrides: ["bounded": "each"])
    ])

  public let options: CosineOptions
  public init(options: CosineOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }
  /// Two vectors a row.
  public var signature: LossSignature { CosineSimilarityLoss.pairSignature }

  /// One minus the cosine; its gradient if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    Cosine.values(row, options, scale: -row.gradientScale).distance
  }
}
