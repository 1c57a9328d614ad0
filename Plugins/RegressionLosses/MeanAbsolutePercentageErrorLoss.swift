public import LossCore
import LossDialects

/// The distance from the target, in per cent of the target.
///
///     100 |prediction - target| / max(|target|, ε)
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN. With ε of 0 a target of 0 gives infinity, and 0 where
///   the prediction is 0 too.
/// - Gradient: `± 100 / max(|target|, ε)`; for the target the same with the other sign, times
///   `prediction / target` where `|target|` is above ε; 0 where the two are equal.
/// - Reference: J. S. Armstrong, "Long-Range Forecasting", 1985, p. 348.
public struct MeanAbsolutePercentageErrorLoss: ElementwiseLoss, TwiceDifferentiable {
  /// What is divided by at least.
  public struct Options: LossOptions {
    /// The smallest size of a target that is divided by.
    public var epsilon = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("epsilon", \.epsilon, .atLeast(0), "the smallest |target| that is divided by")
    ]
  }

  public static let metadata = LossMetadata(
    "mean_absolute_percentage_error", "The distance from the target, in per cent of the target.",
    formula: "100 |prediction - target| / max(|target|, epsilon)",
    domain: "Every real number. The gradient is 0 where prediction and target are equal.",
    references: ["J. S. Armstrong, Long-Range Forecasting, 1985"],
    dialectEntries: [
      .keras(
        "mean_absolute_percentage_error", "mape", "MAPE", class: "MeanAbsolutePercentageError",
        terms: .meanOfLastAxis, overrides: ["epsilon": DialectEntry.kerasEpsilon])
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .zeroAtTarget] }

  /// The distance in per cent.
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let distance = (prediction - target).magnitude
    let size = S.maximumPropagatingNaN(target.magnitude, S(options.epsilon))
    return S.select(distance == 0, 0, 100 * (distance / size))
  }

  /// The slope of the side that holds.
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let residual = prediction - target
    let size = S.maximumPropagatingNaN(target.magnitude, S(options.epsilon))
    // NaN is neither above nor below zero: it falls through and stays.
    let sign = S.select(residual > 0, 1, S.select(residual < 0, -1, residual))
    let derivative = S.select(residual == 0, 0, sign * (100 / size))
    let isBounded = target.magnitude < S(options.epsilon)
    let ratio = S.select(isBounded || residual == 0, 1, prediction / target)
    return (derivative, -derivative * ratio)
  }

  /// 0, also at the kink.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S { 0 }
}
