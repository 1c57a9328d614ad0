public import LossCore
import LossDialects

/// Squared difference of the logarithms of prediction and target.
///
/// scikit-learn and Keras use an offset of 1, Flux uses the machine epsilon.
public struct MeanSquaredLogarithmicErrorLoss: ElementwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Constant added to both inputs before the logarithm.
    public var offset: Epsilon = 1
    /// Lower bound that replaces smaller inputs; none by default.
    public var floor: Double?
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .epsilon("offset", \.offset, "constant added to both inputs before the logarithm"),
      .number(
        "floor", \.floor, .atLeast(0), "lower bound that replaces smaller inputs; none by default"),
    ]
  }

  public static let metadata = LossMetadata(
    "mean_squared_logarithmic_error",
    "Squared difference of the logarithms of prediction and target.",
    formula: "(log(prediction + offset) - log(target + offset))²",
    domain: """
      Prediction and target above -offset; below it the value is NaN. With floor set, smaller \
      inputs are replaced by the floor.
      """,
    gradient: "0 for inputs below the floor; at the floor the derivative from above.",
    usage: """
      Regression of non-negative targets over several orders of magnitude, where the relative \
      error matters. For a relative error in percent use mean_absolute_percentage_error.
      """,
    related: ["mean_squared_error", "mean_absolute_percentage_error", "gamma_deviance"],
    references: ["scikit-learn, mean_squared_log_error"],
    dialectEntries: [
      .flux("msle", options: [.same("eps", "ϵ", as: "offset")], overrides: ["offset": "machine"]),
      .keras(
        "mean_squared_logarithmic_error", "msle", "MSLE", class: "MeanSquaredLogarithmicError",
        terms: .meanOfLastAxis, overrides: ["floor": DialectEntry.kerasEpsilon]),
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.nonNegative, .symmetric, .zeroAtTarget]
      + (options.floor == nil ? [.twiceDifferentiable] : [])
  }
  public var signature: LossSignature { options.floor == nil ? Self.nonNegative : .elementwise }
  private static let nonNegative = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")

  @inline(__always)
  func floor<S: LossArithmetic>(_: S.Type) -> S { S(options.floor ?? -.infinity) }

  @inline(__always)
  func clamped<S: LossArithmetic>(_ x: S) -> S { S.select(x < floor(S.self), floor(S.self), x) }

  /// `log((prediction + offset) / (target + offset))` of inputs clamped at the floor.
  @inline(__always)
  func logRatio<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    S.logRatio(prediction, target, offset: options.offset(S.self))
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let difference = logRatio(clamped(prediction), clamped(target))
    return difference * difference
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let offset = options.offset(S.self)
    let (p, t) = (clamped(prediction), clamped(target))
    let difference = logRatio(p, t)
    return (
      S.select(prediction < floor(S.self), 0, 2 * difference / (p + offset)),
      S.select(target < floor(S.self), 0, -2 * difference / (t + offset))
    )
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let shifted = clamped(prediction) + options.offset(S.self)
    let ratio = logRatio(clamped(prediction), clamped(target))
    return S.select(prediction < floor(S.self), 0, 2 * (1 - ratio) / shifted / shifted)
  }
}
