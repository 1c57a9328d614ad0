public import LossCore
import LossDialects

/// Binary sparsemax: sparse-sigmoid loss that is exactly 0 beyond a margin of 1.
public struct BinarySparsemaxLoss: ElementwiseLoss {
  public static let metadata = LossMetadata(
    "binary_sparsemax",
    "Binary sparsemax: sparse-sigmoid loss that is exactly 0 beyond a margin of 1.",
    formula: """
      s <= -1  :  0              with s = - prediction for a target of 1, otherwise prediction
      s <   1  :  (s + 1)² / 4
      s >=  1  :  s
      """,
    domain: "Every real number; a target of 0 or 1. NaN gives NaN.",
    usage: """
      Binary classification whose probabilities should reach exactly 0 and 1. Unlike \
      binary_cross_entropy it has no gradient for confident correct predictions.
      """,
    related: ["sparsemax", "fenchel_young", "binary_cross_entropy", "smoothed_hinge"],
    references: [
      """
      M. Blondel, A. F. T. Martins and V. Niculae, Learning \
      with Fenchel-Young Losses, 2020, arXiv:1901.02324
      """
    ],
    dialectEntries: [
      .optax("sparsemax_loss", "binary_sparsemax_loss")
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }
  public var signature: LossSignature { Self.labels }
  private static let labels = LossSignature(
    .real(.prediction, "..."), .labels(.target, "...", .binary), terms: "...")

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let violation = S.relu((1 - 2 * target) * prediction + 1)
    let near = S.minimumPropagatingNaN(violation, 2)
    return near * near / 4 + (violation - near)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let sign = 1 - 2 * target
    return (sign * S.clamped((sign * prediction + 1) / 2, 0, 1), 0)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let s = (1 - 2 * target) * prediction
    return S.select(s > -1 && s <= 1, 0.5, 0)
  }
}
