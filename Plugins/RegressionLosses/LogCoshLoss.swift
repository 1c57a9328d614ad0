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
public struct LogCoshLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "log_cosh", "A smooth distance: squared near the target, absolute far from it.",
    formula: "log cosh(prediction - target)", domain: "Every real number.",
    references: ["P. J. Green, Bayesian Reconstructions from Emission Tomography Data, 1990"],
    spellings: [
      .axon("log_cosh", terms: .meanOfLastAxis),
      .keras("log_cosh", class: "LogCosh", terms: .meanOfLastAxis),
      .optax("log_cosh"),
      .mlx("log_cosh_loss"),
    ])

  /// Nothing can be set.
  public let options: NoOptions
  /// The loss.
  @inlinable public init(options: NoOptions) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    [
      .convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1), .twiceDifferentiable,
    ]
  }

  /// `log cosh(prediction - target)`
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.logCosh(prediction - target)
  }

  /// `tanh(prediction - target)`
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let slope = S.tanh(prediction - target)
    return (slope, -slope)
  }

  /// `1 / cosh²(prediction - target)`
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    // 1 - tanh² would cancel far out.
    let e = S.exp(-2 * (prediction - target).magnitude)
    return 4 * e / ((1 + e) * (1 + e))
  }
}
