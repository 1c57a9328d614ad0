public import LossCore
import LossDialects

/// Absolute error as a percentage of the target.
public struct MeanAbsolutePercentageErrorLoss: ElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Lower bound of |target| in the divisor.
    public var epsilon = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("epsilon", \.epsilon, .atLeast(0), "lower bound of |target| in the divisor")
    ]
  }

  public static let metadata = LossMetadata(
    "mean_absolute_percentage_error", "Absolute error as a percentage of the target.",
    formula: "100 |prediction - target| / max(|target|, epsilon)",
    domain: "Every real number. With epsilon 0 a target of 0 gives infinity, or 0 at equality.",
    gradient: "0 at equality; the divisor is constant where |target| is below epsilon.",
    usage: """
      Forecasts judged by relative error, with targets away from 0. mean_squared_logarithmic_error \
      also compares ratios and stays finite for targets of 0.
      """,
    related: ["mean_absolute_error", "mean_squared_logarithmic_error"],
    references: ["J. S. Armstrong, Long-Range Forecasting, 1985, p. 348"],
    dialectEntries: [
      .keras(
        "mean_absolute_percentage_error", "mape", "MAPE", class: "MeanAbsolutePercentageError",
        terms: .meanOfLastAxis, overrides: ["epsilon": DialectEntry.kerasEpsilon])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .zeroAtTarget] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let distance = (prediction - target).magnitude
    let divisor = S.maximumPropagatingNaN(target.magnitude, S(options.epsilon))
    return S.select(distance == 0, 0, 100 * (distance / divisor))
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let residual = prediction - target
    let divisor = S.maximumPropagatingNaN(target.magnitude, S(options.epsilon))
    // NaN compares false with both and propagates.
    let sign = S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
    let derivative = S.select(residual == 0, 0, sign * (100 / divisor))
    let isBounded = target.magnitude < S(options.epsilon)
    let ratio = S.select(isBounded || residual == 0, 1, prediction / target)
    return (derivative, -derivative * ratio)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S { 0 }
}
