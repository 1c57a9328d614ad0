public import LossCore

/// L2 regularisation: half the square of each parameter.
///
/// The default reduction is the sum, also inside a sum of losses:
/// `MeanSquaredErrorLoss() + 0.01 * L2Penalty(of: "kernel")`.
public struct L2Penalty: UnaryElementwiseLoss {
  public static let metadata = LossMetadata(
    "l2_penalty", "L2 regularisation: half the square of each parameter.",
    formula: "parameter² / 2",
    domain: "Every real number; NaN gives NaN.",
    usage: """
      Added to a loss to keep parameters small; with plain SGD the same as weight decay. \
      l1_penalty makes them sparse.
      """,
    related: ["l1_penalty"],
    alsoKnownAs: ["ridge", "weight_decay", "l2_regularization"],
    references: [
      "A. E. Hoerl and R. W. Kennard, Ridge Regression: Biased Estimation for "
        + "Nonorthogonal Problems, 1970"
    ])

  public let options: PenaltyOptions
  public init(options: PenaltyOptions) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .twiceDifferentiable] }

  public var signature: LossSignature { options.signature }
  public var defaultReduction: Reduction { .sum }

  @inline(__always)
  public func value<S: LossArithmetic>(_ x: S) -> S { x * x / 2 }

  @inline(__always)
  public func derivative<S: LossScalar>(_ x: S) -> S { x }
}
