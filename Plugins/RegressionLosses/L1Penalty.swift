public import LossCore

/// The size of parameters: a penalty that makes them sparse.
///
///     |parameter|
///
/// Its default reduction is the sum, also inside a sum of losses:
/// `MeanSquaredErrorLoss() + 0.01 * L1Penalty(of: "kernel")`.
///
/// - Shape: one input of any shape under the role that `of` names; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: the sign of the parameter; 0 at 0, the middle of the subgradients.
/// - Reference: R. Tibshirani, "Regression Shrinkage and Selection via the Lasso", 1996.
public struct L1Penalty: UnaryElementwiseLoss {
  public static let metadata = LossMetadata(
    "l1_penalty", "The size of parameters: a penalty that makes them sparse.",
    formula: "|parameter|", domain: "Every real number.",
    references: ["R. Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996"])

  public let options: PenaltyOptions
  public init(options: PenaltyOptions) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  /// One input.
  public var signature: LossSignature { options.signature }
  public var defaultReduction: Reduction { .sum }

  /// The term of one parameter.
  @inline(__always)
  public func value<S: LossScalar>(_ x: S) -> S { x.magnitude }

  /// The derivative of the term.
  @inline(__always)
  public func derivative<S: LossScalar>(_ x: S) -> S { S.select(x > 0, 1, S.select(x < 0, -1, x)) }
}
