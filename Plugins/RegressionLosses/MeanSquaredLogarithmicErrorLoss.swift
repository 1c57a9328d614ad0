public import LossCore
import LossDialects

/// The squared difference of logarithms: a relative error.
///
///     (log(prediction + offset) - log(target + offset))²
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: prediction and target above `-offset`; below it the value is NaN. With a `floor`, what
///   lies below it counts as the floor.
/// - Gradient: `2 (log(p + offset) - log(t + offset)) / (p + offset)`, and its mirror for target; 0
///   below the floor, and at it the one from above.
/// - Reference: scikit-learn and Keras use an offset of 1; Flux uses the machine's epsilon.
public struct MeanSquaredLogarithmicErrorLoss: ElementwiseLoss, TwiceDifferentiable {
  /// What is added before the logarithm.
  public struct Options: LossOptions {
    /// What is added to both before the logarithm.
    public var offset: Epsilon = 1
    /// What a smaller number counts as; nil takes every number as it is.
    public var floor: Double?
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .epsilon("offset", \.offset, "what is added to both before the logarithm"),
      .number("floor", \.floor, .atLeast(0), "what a smaller number counts as"),
    ]
  }

  public static let metadata = LossMetadata(
    "mean_squared_logarithmic_error", "The squared difference of logarithms: a relative error.",
    formula: "(log(prediction + offset) - log(target + offset))²",
    domain: "Prediction and target above -offset, NaN below; any number with a floor.",
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
  /// Numbers whose logarithm is taken.
  public var signature: LossSignature { Self.positives }
  private static let positives = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")

  /// The least number that counts as itself.
  @inline(__always)
  func floor<S: LossScalar>(_: S.Type) -> S { S(options.floor ?? -.infinity) }

  /// The number, or the floor where it lies below.
  @inline(__always)
  func raised<S: LossScalar>(_ x: S) -> S { S.select(x < floor(S.self), floor(S.self), x) }

  /// The difference of the two logarithms, of numbers that the floor has raised.
  @inline(__always)
  func logRatio<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    S.logRatio(prediction, target, offset: options.offset(S.self))
  }

  /// The square of the logarithm of the ratio.
  @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let difference = logRatio(raised(prediction), raised(target))
    return difference * difference
  }

  /// The derivatives of the square.
  @inline(__always)
  public func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let offset = options.offset(S.self)
    let (p, t) = (raised(prediction), raised(target))
    let difference = logRatio(p, t)
    return (
      S.select(prediction < floor(S.self), 0, 2 * difference / (p + offset)),
      S.select(target < floor(S.self), 0, -2 * difference / (t + offset))
    )
  }

  /// `2 (1 - log ratio) / (prediction + offset)²`, and 0 below the floor.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let above = raised(prediction) + options.offset(S.self)
    let ratio = logRatio(raised(prediction), raised(target))
    return S.select(prediction < floor(S.self), 0, 2 * (1 - ratio) / above / above)
  }
}
