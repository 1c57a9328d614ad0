public import LossCore

/// Asymmetric squared error, minimised by an expectile of the target.
public struct ExpectileLoss: DistanceLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Expectile that the prediction estimates.
    public var level = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("level", \.level, .from(0, to: 1), "expectile that the prediction estimates")
    ]
  }

  public static let metadata = LossMetadata(
    "expectile", "Asymmetric squared error, minimised by an expectile of the target.",
    formula: """
      target > prediction :  level (target - prediction)²
      otherwise           :  (1 - level) (prediction - target)²
      """,
    domain: "Every real number; NaN gives NaN.",
    gradient: "Continuous. The second derivative at the target is that above it, 2 (1 - level).",
    usage: """
      Asymmetric regression with a continuous gradient, such as risk estimates or implicit \
      Q-learning. quantile is less sensitive to outliers.
      """,
    related: ["quantile", "mean_squared_error"],
    alsoKnownAs: ["asymmetric_least_squares"],
    references: [
      "W. K. Newey and J. L. Powell, Asymmetric Least Squares Estimation and Testing, "
        + "1987, doi:10.2307/1911031"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .zeroAtTarget] }

  // The weight comes first: with a weight of 0 a residual whose square overflows gives 0.
  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    weight(residual) * residual * residual
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S { 2 * weight(residual) * residual }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S { 2 * weight(residual) }

  @inline(__always)
  func weight<S: LossArithmetic>(_ residual: S) -> S {
    S.select(residual < 0, S(options.level), S(1 - options.level))
  }
}
