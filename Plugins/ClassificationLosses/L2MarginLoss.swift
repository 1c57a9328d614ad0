public import LossCore

/// Squared margin loss (1 − t·p)²: least squares for labels of −1 and +1.
///
/// `L2MarginLoss` of LossFunctions.jl.
public struct L2MarginLoss: MarginLoss {
  public static let metadata = LossMetadata(
    "l2_margin", "Squared margin loss (1 − t·p)²: least squares for labels of −1 and +1.",
    formula: "(1 - prediction · target)²",
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Least-squares classification, where a linear solver is available. It \
      also penalises scores beyond the margin, which squared_hinge does not.
      """,
    related: ["squared_hinge", "hinge", "soft_margin", "mean_squared_error"],
    references: ["R. Rifkin et al., Regularized Least-Squares Classification, 2003"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    let residual = 1 - agreement
    return residual * residual
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S { -2 * (1 - agreement) }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S { 2 }
}
