public import LossCore

/// A logarithm near the target, which draws small errors harder, and the absolute error beyond.
///
/// With distance `d = |prediction - target|`:
///
///     d <  width :  width log(1 + d / curvature)
///     d >= width :  d - width + width log(1 + width / curvature)
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `width / (secondDerivative + d)` with the sign of the difference, from the width on the sign;
///   0 where the two are equal.
/// - Reference: Z.-H. Feng et al., "Wing Loss for Robust Facial Landmark Localisation with
///   Convolutional Neural Networks", 2018, arXiv:1711.06753.
public struct WingLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// The shape of the logarithm.
  public struct Options: LossOptions {
    /// The distance at which the loss turns from a logarithm to absolute.
    public var width = 5.0
    /// How gently the logarithm bends: the smaller, the steeper at the target.
    public var secondDerivative = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("width", \.width, .above(0), "where the loss turns from a logarithm to absolute"),
      .number("curvature", \.secondDerivative, .above(0), "how gently the logarithm bends"),
    ]
  }

  public static let metadata = LossMetadata(
    "wing", "A logarithm near the target, the absolute error beyond.",
    formula: """
      d <  width :  width log(1 + d / curvature)     with d = |prediction - target|
      d >= width :  d - width + width log(1 + width / curvature)
      """,
    domain: "Every real number. The gradient is 0 where prediction and target are equal.",
    references: ["Z.-H. Feng et al., Wing Loss for Robust Facial Landmark Localisation, 2018"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [
      .nonNegative, .symmetric, .zeroAtTarget,
      .lipschitz(max(1, options.width / options.secondDerivative)),
    ]
  }

  /// The logarithm of the near part and what lies beyond.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S {
    let width = S(options.width)
    let distance = residual.magnitude
    let near = S.minimumPropagatingNaN(distance, width)
    return width * S.log(onePlus: near / S(options.secondDerivative)) + (distance - near)
  }

  /// The slope of the side that holds.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let width = S(options.width)
    let inside = width / (S(options.secondDerivative) + residual.magnitude)
    let size = S.select(residual.magnitude < width, inside, 1)
    // NaN is neither above nor below zero: it falls through and stays.
    return S.select(residual > 0, size, S.select(residual < 0, -size, residual))
  }

  /// `-width / (secondDerivative + d)²` inside the width, 0 from there on and at the target.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    let width = S(options.width)
    let distance = residual.magnitude
    let bend = S(options.secondDerivative) + distance
    return S.select(distance < width && distance > 0, -width / bend / bend, 0)
  }
}
