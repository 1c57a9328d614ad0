public import LossCore
import LossDialects

/// Draws a pair together if it is alike, and apart up to a margin if it is not.
///
///     (1 - target) prediction² + target max(0, margin - prediction)²
///
/// - Shape: prediction (the distance of a pair) and target `[...]`, equal; one term an element.
/// - Domain: a distance of at least 0; target 0 for a pair that is alike, 1 for one that is NOT.
/// - Gradient: `2 (1 - target) prediction - 2 target max(0, margin - prediction)`.
/// - Reference: R. Hadsell, S. Chopra and Y. LeCun, "Dimensionality Reduction by Learning an
///   Invariant Mapping", 2006.
public struct SiameseContrastiveLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The margin.
  public struct Options: LossOptions {
    /// The distance up to which pairs that are not alike are drawn apart.
    public var margin = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("margin", \.margin, .atLeast(0), "up to where pairs not alike are drawn apart")
    ]
  }

  public static let metadata = LossMetadata(
    "siamese_contrastive", "Draws a pair together if it is alike, and apart if it is not.",
    formula: "(1 - target) prediction² + target max(0, margin - prediction)²",
    domain: "A distance of at least 0; a target of 1 means that the pair is not alike.",
    references: [
      "R. Hadsell et al., Dimensionality Reduction by Learning an Invariant Mapping, 2006"
    ],
    dialectEntries: [.flux("siamese_contrastive_loss", options: [.same("margin")])])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative] }
  /// A distance and a label.
  public var signature: LossSignature { Self.distances }
  private static let distances = LossSignature(
    .real(.prediction, "...", .nonNegative), .labels(.target, "...", .binary), terms: "...")

  /// The squared distance, or the squared rest of the margin.
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let rest = S.relu(S(options.margin) - prediction)
    return (1 - target) * prediction * prediction + target * rest * rest
  }

  /// The derivative with respect to the distance.
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let rest = S.relu(S(options.margin) - prediction)
    return (2 * (1 - target) * prediction - 2 * target * rest, 0)
  }

  /// 2 for equal pairs and inside the margin, 0 outside and at its edge.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    2 * (1 - target) + S.select(prediction < S(options.margin), 2 * target, 0)
  }
}
