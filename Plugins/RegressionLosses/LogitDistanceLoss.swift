public import LossCore

/// A smooth distance: the surprise at the target under a logistic distribution around the
/// prediction, less the least possible one.
///
///     - log(4 e^r / (1 + e^r)²) = 2 log cosh(r / 2)     with r = prediction - target
///
/// It is `LogitDistLoss` of LossFunctions.jl, and ``LogCoshLoss`` stretched by 2.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN. Neither cancels near 0 nor overflows far out.
/// - Gradient: `tanh(r / 2)`.
/// - Reference: LossFunctions.jl `LogitDistLoss`.
public struct LogitDistanceLoss: DistanceLoss, TwiceDifferentiableDistance {
  public static let metadata = LossMetadata(
    "logit_distance", "A smooth distance, from the logistic distribution.",
    formula: "2 log cosh((prediction - target) / 2)", domain: "Every real number.",
    references: ["LossFunctions.jl, LogitDistLoss"])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [
      .convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1), .twiceDifferentiable,
    ]
  }

  /// `2 log cosh(r / 2)`
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S { 2 * S.logCosh(residual / 2) }

  /// `tanh(r / 2)`
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { S.tanh(residual / 2) }

  /// `1 / (2 cosh²(r / 2))`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    // 1 - tanh² would cancel far out.
    let e = S.exp(-residual.magnitude)
    return 2 * e / ((1 + e) * (1 + e))
  }
}
