public import LossCore

/// Wing loss: logarithmic near the target, absolute error beyond width.
public struct WingLoss: DistanceLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Distance at which the loss becomes absolute.
    public var width = 5.0
    /// Scale of the logarithm; smaller is steeper.
    public var curvature = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("width", \.width, .above(0), "distance at which the loss becomes absolute"),
      .number("curvature", \.curvature, .above(0), "scale of the logarithm; smaller is steeper"),
    ]
  }

  public static let metadata = LossMetadata(
    "wing", "Wing loss: logarithmic near the target, absolute error beyond width.",
    formula: """
      d <  width :  width log(1 + d / curvature)     with d = |prediction - target|
      d >= width :  d - width + width log(1 + width / curvature)
      """,
    domain: "Every real number; NaN gives NaN.",
    gradient: "0 at equality; at distance width the sign of the residual, as beyond.",
    usage: """
      Facial landmark and pose regression: small errors have larger gradients than with smooth_l1 \
      or mean_squared_error.
      """,
    related: ["smooth_l1", "mean_absolute_error", "huber"],
    references: [
      "Z.-H. Feng et al., Wing Loss for Robust Facial Landmark Localisation with "
        + "Convolutional Neural Networks, 2018, arXiv:1711.06753"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [
      .nonNegative, .symmetric, .zeroAtTarget,
      .lipschitz(max(1, options.width / options.curvature)),
    ]
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    let width = S(options.width)
    let distance = residual.magnitude
    let near = S.minimumPropagatingNaN(distance, width)
    return width * S.log(onePlus: near / S(options.curvature)) + (distance - near)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let width = S(options.width)
    let inside = width / (S(options.curvature) + residual.magnitude)
    let slope = S.select(residual.magnitude < width, inside, 1)
    // NaN compares false with both and propagates.
    return S.select(residual > 0, slope, S.select(residual < 0, -slope, residual))
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    let width = S(options.width)
    let distance = residual.magnitude
    let divisor = S(options.curvature) + distance
    return S.select(distance < width && distance > 0, -width / divisor / divisor, 0)
  }
}
