public import LossCore
import LossDialects

/// The loss of a sparse sigmoid: exactly 0 from a score of 1 on.
///
///     s <= -1      :  0              with s = - prediction for a target of 1, otherwise prediction
///     -1 < s < 1   :  (s + 1)² / 4
///     s >= 1       :  s
///
/// - Shape: prediction and target `[...]`, equal; target 0 or 1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `(s + 1) / 2` clipped to 0 ... 1, with the sign of `s` in the prediction; continuous.
/// - Reference: M. Blondel, A. F. T. Martins and V. Niculae, "Learning with Fenchel-Young Losses", 2020,
///   arXiv:1901.02324, section 4.4.
public struct BinarySparsemaxLoss: ElementwiseLoss, TwiceDifferentiable {
  public static let metadata = LossMetadata(
    "binary_sparsemax", "The loss of a sparse sigmoid: exactly 0 from a score of 1 on.",
    formula: """
      s <= -1  :  0              with s = - prediction for a target of 1, otherwise prediction
      s <   1  :  (s + 1)² / 4
      s >=  1  :  s
      """, domain: "Every score; a target of 0 or 1.",
    references: ["M. Blondel et al., Learning with Fenchel-Young Losses, 2020"],
    dialectEntries: [
      .optax("sparsemax_loss", "binary_sparsemax_loss")
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }
  /// A score and a label.
  public var signature: LossSignature { Self.labels }
  private static let labels = LossSignature(
    .real(.prediction, "..."), .labels(.target, "...", .binary), terms: "...")

  /// The term, without a branch.
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let rise = S.relu((1 - 2 * target) * prediction + 1)
    let near = S.minimumPropagatingNaN(rise, 2)
    return near * near / 4 + (rise - near)
  }

  /// The slope, clipped.
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let side = 1 - 2 * target
    return (side * S.clamped((side * prediction + 1) / 2, 0, 1), 0)
  }

  /// ½ on the parabola and where it meets the line, 0 elsewhere.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let s = (1 - 2 * target) * prediction
    return S.select(s > -1 && s <= 1, 0.5, 0)
  }
}
