public import LossCore

/// Modified Huber loss: squared hinge, linear for scores far on the wrong side.
///
/// `ModifiedHuberLoss` of LossFunctions.jl, `modified_huber` of scikit-learn's `SGDClassifier`.
public struct ModifiedHuberLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "modified_huber",
    "Modified Huber loss: squared hinge, linear for scores far on the wrong side.",
    formula: """
      z >= 1   :  0             with z = prediction · target
      z >= -1  :  (1 - z)²
      z <  -1  :  -4 z
      """,
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Binary classification with outliers: quadratic near the violation, linear for gross \
      errors. Its scores determine class probabilities, which those of hinge do not.
      """,
    related: ["squared_hinge", "smoothed_hinge", "hinge", "huber"],
    references: [
      """
      T. Zhang, Solving Large Scale Linear Prediction Problems Using Stochastic \
      Gradient Descent Algorithms, 2004, doi:10.1145/1015330.1015332
      """
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(4)] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    let violation = S.relu(1 - agreement)
    let near = S.minimumPropagatingNaN(violation, 2)
    return near * near + 4 * (violation - near)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -2 * S.clamped(1 - agreement, 0, 2) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    // Not by 1 - agreement, which rounds to 2 just below -1.
    S.select(agreement >= -1 && agreement < 1, 2, 0)
  }
}
