public import LossCore
import LossDialects

/// Huber loss: squared error near the target, absolute error beyond delta.
public struct HuberLoss: DistanceLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Distance at which the loss turns from squared to absolute.
    public var delta = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "delta", \.delta, .above(0), "distance at which the loss turns from squared to absolute")
    ]
  }

  public static let metadata = LossMetadata(
    "huber", "Huber loss: squared error near the target, absolute error beyond delta.",
    formula: """
      |r| <= delta :  r² / 2                    with r = prediction - target
      |r| >  delta :  delta (|r| - delta / 2)
      """,
    domain: "Every real number; NaN gives NaN.",
    gradient: "The clipped residual, continuous. The second derivative at |r| = delta is 1.",
    usage: """
      Robust regression: small errors count as in mean_squared_error, and the gradient of an \
      outlier is at most delta. Set delta to the residual beyond which targets count as outliers.
      """,
    related: ["smooth_l1", "log_cosh", "mean_squared_error", "mean_absolute_error"],
    references: [
      "P. J. Huber, Robust Estimation of a Location Parameter, 1964, doi:10.1214/aoms/1177703732"
    ],
    dialectEntries: [
      .flux("huber_loss", options: [.same("delta", "δ")]),
      .axon("huber", options: [.same("delta")]),
      .torch("huber_loss", class: "HuberLoss", options: [.same("delta"), .input("weight")])
        .naming(DialectArgument(.weight, "weight")),
      .keras("huber", class: "Huber", terms: .meanOfLastAxis, options: [.same("delta")]),
      .optax("huber_loss", options: [.same("delta")]).withZeroTarget,
      .mlx("huber_loss", options: [.same("delta")]),
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(options.delta)]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    let delta = S(options.delta)
    let distance = residual.magnitude
    // The branches differ only in the part of the distance that is squared.
    let near = S.minimumPropagatingNaN(distance, delta)
    return near * near / 2 + delta * (distance - near)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let delta = S(options.delta)
    return S.clamped(residual, -delta, delta)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    S.select(residual.magnitude <= S(options.delta), 1, 0)
  }
}
