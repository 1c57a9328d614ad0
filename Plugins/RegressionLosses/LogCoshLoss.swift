public import LossCore
import LossDialects

/// A smooth distance: squared near the target, absolute far from it.
///
///     log cosh(prediction - target)
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN. Neither cancels near 0 nor overflows far out.
/// - Gradient: `tanh(prediction - target)`.
/// - Reference: P. J. Green, "Bayesian Reconstructions from Emission Tomography Data Using a
///   Modified EM Algorithm", IEEE Trans. Med. Imaging 9 (1990), doi:10.1109/42.52985.
public struct LogCoshLoss: DistanceLoss, TwiceDifferentiableDistance {
  public static let metadata = LossMetadata(
    "log_cosh", "A smooth distance: squared near the target, absolute far from it.",
    formula: "log cosh(prediction - target)", domain: "Every real number.",
    references: ["P. J. Green, Bayesian Reconstructions from Emission Tomography Data, 1990"],
    dialectEntries: [
      .axon("log_cosh", terms: .meanOfLastAxis),
      .keras("log_cosh", class: "LogCosh", terms: .meanOfLastAxis),
      .optax("log_cosh"),
      .mlx("log_cosh_loss"),
    ])

  public init(options: NoOptions) {}
  public var properties: [LossProperty] {
    [
      .convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1), .twiceDifferentiable,
    ]
  }

  /// `log cosh r`
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S { S.logCosh(residual) }

  /// `tanh r`
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { S.tanh(residual) }

  /// `1 / cosh² r`
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    // 1 - tanh² would cancel far out.
    let e = S.exp(-2 * residual.magnitude)
    return 4 * e / ((1 + e) * (1 + e))
  }
}
