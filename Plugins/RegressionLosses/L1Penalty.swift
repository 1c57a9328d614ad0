public import LossCore

/// L1 regularisation: absolute value of each parameter.
///
/// The default reduction is the sum, also inside a sum of losses:
/// `MeanSquaredErrorLoss() + 0.01 * L1Penalty(of: "kernel")`.
public struct L1Penalty: UnaryElementwiseLoss {
  public static let metadata = LossMetadata(
    "l1_penalty", "L1 regularisation: absolute value of each parameter.",
    formula: "|parameter|",
    domain: "Every real number; NaN gives NaN.",
    gradient: "The sign of the parameter; 0 at 0, the midpoint of the subgradients.",
    usage: "Added to a loss to make parameters sparse. l2_penalty keeps them small but not sparse.",
    related: ["l2_penalty"],
    alsoKnownAs: ["lasso", "l1_regularization"],
    references: ["R. Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996"])

  public let options: PenaltyOptions
  public init(options: PenaltyOptions) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  public var signature: LossSignature { options.signature }
  public var defaultReduction: Reduction { .sum }

  @inline(__always)
  public func value<S: LossArithmetic>(_ x: S) -> S { x.magnitude }

  @inline(__always)
  public func derivative<S: LossScalar>(_ x: S) -> S { S.select(x > 0, 1, S.select(x < 0, -1, x)) }
}
