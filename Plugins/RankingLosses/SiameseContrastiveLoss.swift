public import LossCore
import LossDialects

/// Contrastive loss: squared distance, or squared margin violation of a dissimilar pair.
public struct SiameseContrastiveLoss: ElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Distance from which a dissimilar pair has loss 0.
    public var margin = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .atLeast(0), "distance from which a dissimilar pair has loss 0")
    ]
  }

  public static let metadata = LossMetadata(
    "siamese_contrastive",
    "Contrastive loss: squared distance, or squared margin violation of a dissimilar pair.",
    formula: "(1 - target) prediction² + target max(0, margin - prediction)²",
    domain: "A distance of at least 0. Target 0 for a similar pair, 1 for a dissimilar one.",
    gradient: "Continuous. The second derivative of a dissimilar pair at the margin is 0.",
    usage: """
      Siamese networks with labelled pairs and a distance computed outside of the loss. \
      hinge_embedding does not square; triplet_margin compares distances instead of bounding them.
      """,
    related: ["hinge_embedding", "cosine_embedding", "triplet_margin"],
    alsoKnownAs: ["contrastive"],
    references: [
      "R. Hadsell et al., Dimensionality Reduction by Learning an Invariant Mapping, 2006"
    ],
    dialectEntries: [
      // Its documentation has labels of 2.
      .flux("siamese_contrastive_loss", options: [.same("margin")]).checking(.none)
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  public var signature: LossSignature { Self.distances }
  private static let distances = LossSignature(
    .real(.prediction, "...", .nonNegative), .labels(.target, "...", .binary), terms: "...")

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let violation = S.relu(S(options.margin) - prediction)
    return (1 - target) * prediction * prediction + target * violation * violation
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let violation = S.relu(S(options.margin) - prediction)
    return (2 * (1 - target) * prediction - 2 * target * violation, 0)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    2 * (1 - target) + S.select(prediction < S(options.margin), 2 * target, 0)
  }
}
