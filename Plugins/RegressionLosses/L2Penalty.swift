public import LossCore

/// Half the squares of parameters: a penalty that keeps them small.
///
///     parameter² / 2
///
/// Its default reduction is the sum, also inside a sum of losses:
/// `MeanSquaredErrorLoss() + 0.01 * L2Penalty(of: "kernel")`.
///
/// - Shape: one input of any shape under the role that `of` names; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: the parameter.
/// - Reference: A. E. Hoerl and R. W. Kennard, "Ridge Regression", 1970.
public struct L2Penalty: UnaryElementwiseLoss {
  public static let metadata = LossMetadata(
    "l2_penalty", "Half the squares of parameters: a penalty that keeps them small.",
    formula: "parameter² / 2", domain: "Every real number.",
    references: ["A. E. Hoerl and R. W. Kennard, Ridge Regression, 1970"])

  public let options: PenaltyOptions
  public init(options: PenaltyOptions) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  /// One input.
  public var signature: LossSignature { options.signature }
  public var defaultReduction: Reduction { .sum }

  /// The term of one parameter.
  @inline(__always)
  public func value<S: LossScalar>(_ x: S) -> S { x * x / 2 }

  /// The derivative of the term.
  @inline(__always)
  public func derivative<S: LossScalar>(_ x: S) -> S { x }
}
