public import LossCore
import LossDialects

/// Distance of a similar pair; margin violation of a dissimilar pair.
public struct HingeEmbeddingLoss: ElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Distance from which a dissimilar pair has loss 0.
    public var margin = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "distance from which a dissimilar pair has loss 0")
    ]
  }

  public static let metadata = LossMetadata(
    "hinge_embedding", "Distance of a similar pair; margin violation of a dissimilar pair.",
    formula: """
      target = +1 :  prediction
      target = -1 :  max(0, margin - prediction)
      """,
    domain: "Every real number; NaN gives NaN. Target +1 if similar, −1 if dissimilar.",
    gradient: "0 for a dissimilar pair beyond the margin and at its edge.",
    usage: """
      Pairwise embedding with a distance computed outside of the loss. siamese_contrastive squares \
      both cases.
      """,
    related: ["siamese_contrastive", "cosine_embedding", "triplet_margin", "hinge"],
    references: [
      "R. Hadsell et al., Dimensionality Reduction by Learning an Invariant Mapping, 2006"
    ],
    dialectEntries: [
      .torch("hinge_embedding_loss", class: "HingeEmbeddingLoss", options: [.same("margin")])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .lipschitz(1)] }
  public var signature: LossSignature { .elementwiseLabels }

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    S.select(target > 0, prediction, S.relu(S(options.margin) - prediction))
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let violation = S(options.margin) - prediction
    let negative = S.select(violation <= 0, 0, S.select(violation > 0, -1, violation))
    return (S.select(target > 0, 1, negative), 0)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S { 0 }
}
