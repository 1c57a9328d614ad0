public import LossCore

/// A power of the distance between prediction and target.
///
///     |prediction - target|^p
///
/// It is `LPDistLoss` of LossFunctions.jl: the absolute error for p of 1, the squared error for 2.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `p |r|^(p-1)` with the sign of `r`; 0 where the two are equal, for p below 1 as well,
///   where the slopes on both sides are infinite.
/// - Reference: LossFunctions.jl `LPDistLoss`; A. M. Legendre, "Nouvelles méthodes", 1805, for p of 2.
public struct LPDistanceLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// The power.
  public struct Options: LossOptions {
    /// The power of the distance.
    public var p = 2.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("p", \.p, .above(0), "the power of the distance")
    ]
  }

  public static let metadata = LossMetadata(
    "lp_distance", "A power of the distance between prediction and target.",
    formula: "|prediction - target|^p",
    domain: "Every real number. The gradient is 0 where prediction and target are equal.",
    references: ["LossFunctions.jl, LPDistLoss"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.nonNegative, .symmetric, .zeroAtTarget]
      + (options.p >= 1 ? [.convex] : [])
      + (options.p == 1 ? [.lipschitz(1)] : [])
      + (options.p >= 2 ? [.twiceDifferentiable] : [])
  }

  /// `|r|^p`
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S { S.pow(residual.magnitude, S(options.p)) }

  /// `p |r|^(p-1)` with the sign of the residual.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let size = S(options.p) * S.pow(residual.magnitude, S(options.p - 1))
    return S.select(residual < 0, -size, S.select(residual > 0, size, residual))
  }

  /// `p (p-1) |r|^(p-2)`; where the two are equal 2 for the square, and otherwise 0.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    let p = options.p
    let distance = residual.magnitude
    let second = S(p * (p - 1)) * S.pow(distance, S(p - 2))
    return S.select(distance == 0, p == 2 ? 2 : 0, second)
  }
}
