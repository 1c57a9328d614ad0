public import LossCore

/// The squared distance of a score from its label, as a function of their product.
///
///     (1 - prediction · target)²
///
/// It is `L2MarginLoss` of LossFunctions.jl: the squared hinge that costs on both sides.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `-2 target (1 - prediction · target)`.
/// - Reference: LossFunctions.jl `L2MarginLoss`; R. Rifkin et al., "Regularized Least-Squares
///   Classification", 2003.
public struct L2MarginLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "l2_margin", "The squared distance of a score from its label, by their product.",
    formula: "(1 - prediction · target)²", domain: "Every score; a target of -1 or +1.",
    references: ["R. Rifkin et al., Regularized Least-Squares Classification, 2003"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// `(1 - z)²`
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S {
    let margin = 1 - agreement
    return margin * margin
  }

  /// `-2 (1 - z)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -2 * (1 - agreement) }

  /// 2
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { 2 }
}
