public import LossCore
import LossDialects

/// The distance of a pair that is alike, and how far a pair that is not falls short of a margin.
///
///     target = +1 :  prediction
///     target = -1 :  max(0, margin - prediction)
///
/// - Shape: prediction (the distance of a pair) and target `[...]`, equal; one term an element.
/// - Domain: every real number; target +1 for a pair that is alike, -1 for one that is not; NaN
///   gives NaN.
/// - Gradient: 1 for a pair that is alike; -1 inside the margin for one that is not, 0 outside and
///   at its edge.
/// - Reference: R. Hadsell, S. Chopra and Y. LeCun, "Dimensionality Reduction by Learning an
///   Invariant Mapping", 2006.
public struct HingeEmbeddingLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The margin.
  public struct Options: LossOptions {
    /// The distance up to which pairs that are not alike are drawn apart.
    public var margin = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .finite, "up to where pairs not alike are drawn apart")
    ]
  }

  public static let metadata = LossMetadata(
    "hinge_embedding", "The distance of a pair that is alike, and a margin for one that is not.",
    formula: """
      target = +1 :  prediction
      target = -1 :  max(0, margin - prediction)
      """,
    domain: "Every real number; a target of -1 or +1.",
    references: [
      "R. Hadsell et al., Dimensionality Reduction by Learning an Invariant Mapping, 2006"
    ],
    dialectEntries: [
      .torch("hinge_embedding_loss", class: "HingeEmbeddingLoss", options: [.same("margin")])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .lipschitz(1)] }
  /// A distance and a label.
  public var signature: LossSignature { .elementwiseLabels }

  /// The distance, or the rest of the margin.
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.select(target > 0, prediction, S.relu(S(options.margin) - prediction))
  }

  /// The derivative with respect to the distance.
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let rest = S(options.margin) - prediction
    let away = S.select(rest <= 0, 0, S.select(rest > 0, -1, rest))
    return (S.select(target > 0, 1, away), 0)
  }

  /// 0, also at the edge of the margin.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S { 0 }
}
