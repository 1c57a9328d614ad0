public import LossCore

/// The squared error with one weight above the target and another below it.
///
///     target > prediction :  level (target - prediction)²
///     otherwise           :  (1 - level) (prediction - target)²
///
/// Its mean is least where the prediction is an expectile, as a quantile is of ``QuantileLoss``.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `2 w (prediction - target)` with the weight of its side; continuous.
/// - Reference: W. K. Newey and J. L. Powell, "Asymmetric Least Squares Estimation and Testing",
///   Econometrica 55 (1987), doi:10.2307/1911031.
public struct ExpectileLoss: DistanceLoss, TwiceDifferentiableDistance {
  /// Which expectile.
  public struct Options: LossOptions {
    /// Which expectile the prediction is drawn to.
    public var level = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("level", \.level, .from(0, to: 1), "which expectile the prediction is drawn to")
    ]
  }

  public static let metadata = LossMetadata(
    "expectile", "The squared error with one weight above the target and another below it.",
    formula: """
      target > prediction :  level (target - prediction)²
      otherwise           :  (1 - level) (prediction - target)²
      """,
    domain: "Every real number.",
    references: ["W. K. Newey and J. L. Powell, Asymmetric Least Squares Estimation, 1987"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .zeroAtTarget] }

  /// The square of the residual, by the weight of its side; a weight of 0 keeps one that overflows
  /// at 0.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S { weight(residual) * residual * residual }

  /// Twice the residual, by the weight of its side.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { 2 * weight(residual) * residual }

  /// Twice the weight of the side; at the target that of the side above.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 2 * weight(residual) }

  @inline(__always)
  func weight<S: LossScalar>(_ residual: S) -> S {
    S.select(residual < 0, S(options.level), S(1 - options.level))
  }
}
