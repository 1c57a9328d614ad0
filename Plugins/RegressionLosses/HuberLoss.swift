public import LossCore
import LossDialects

/// Squared error near the target, absolute error beyond a chosen distance.
///
/// With residual `r = prediction - target`:
///
///     |r| <= δ :  ½ r²
///     |r| >  δ :  δ (|r| - ½ δ)
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `r` clipped to `-δ ... δ`; continuous at the knee.
/// - Reference: P. J. Huber, "Robust Estimation of a Location Parameter", Ann. Math. Statist. 35
///   (1964), doi:10.1214/aoms/1177703732.
public struct HuberLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// Where the loss turns.
  public struct Options: LossOptions {
    /// The distance at which the loss turns from squared to absolute.
    public var delta = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("delta", \.delta, .above(0), "where the loss turns from squared to absolute")
    ]
  }

  public static let metadata = LossMetadata(
    "huber", "Squared error near the target, absolute error beyond a chosen distance.",
    formula: """
      |r| <= delta :  r² / 2                    with r = prediction - target
      |r| >  delta :  delta (|r| - delta / 2)
      """,
    domain: "Every real number.",
    references: ["P. J. Huber, Robust Estimation of a Location Parameter, 1964"],
    dialectEntries: [
      .flux("huber_loss", options: [.same("delta", "δ")]),
      .axon("huber", options: [.same("delta")]),
      .torch("huber_loss", class: "HuberLoss", options: [.same("delta")]),
      .keras("huber", class: "Huber", terms: .meanOfLastAxis, options: [.same("delta")]),
      .optax("huber_loss", options: [.same("delta")]),
      .mlx("huber_loss", options: [.same("delta")]),
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(options.delta)]
  }

  /// The term, without a branch.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S {
    let delta = S(options.delta)
    let distance = residual.magnitude
    let near = S.minimumPropagatingNaN(distance, delta)
    return near * near / 2 + delta * (distance - near)
  }

  /// The residual, clipped.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let delta = S(options.delta)
    return S.clamped(residual, -delta, delta)
  }

  /// 1 up to the knee, 0 beyond it.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    S.select(residual.magnitude <= S(options.delta), 1, 0)
  }
}
