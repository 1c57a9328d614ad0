public import LossCore

/// The squared hinge, with a line where a score is far on the wrong side.
///
///     z >= 1       :  0             with z = prediction · target
///     -1 <= z < 1  :  (1 - z)²
///     z < -1       :  -4 z
///
/// It is `ModifiedHuberLoss` of LossFunctions.jl, and `modified_huber` of scikit-learn's
/// `SGDClassifier`.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `-2 target (1 - z)`, far out `-4 target`; continuous.
/// - Reference: T. Zhang, "Solving Large Scale Linear Prediction Problems Using Stochastic Gradient Descent
///   Algorithms", 2004, doi:10.1145/1015330.1015332.
public struct ModifiedHuberLoss: MarginLoss, TwiceDifferentiableMargin {
  public static let metadata = LossMetadata(
    "modified_huber", "The squared hinge, with a line where a score is far on the wrong side.",
    formula: """
      z >= 1   :  0             with z = prediction · target
      z >= -1  :  (1 - z)²
      z <  -1  :  -4 z
      """, domain: "Every score; a target of -1 or +1.",
    references: ["T. Zhang, Solving Large Scale Linear Prediction Problems, 2004"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(4)] }

  /// The term, without a branch.
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S {
    let margin = S.relu(1 - agreement)
    let near = S.minimumPropagatingNaN(margin, 2)
    return near * near + 4 * (margin - near)
  }

  /// The slope, clipped.
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -2 * S.clamped(1 - agreement, 0, 2) }

  /// 2 on the parabola and where it meets the line, 0 elsewhere.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    let margin = 1 - agreement
    return S.select(margin > 0 && margin <= 2, 2, 0)
  }
}
