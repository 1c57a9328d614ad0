public import LossCore
import LossDialects

/// The squared difference of logarithms: a relative error.
///
///     (log(prediction + offset) - log(target + offset))²
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: prediction and target above `-offset`; below it the value is NaN.
/// - Gradient: `2 (log(p + offset) - log(t + offset)) / (p + offset)`, and its mirror for target.
/// - Reference: scikit-learn and Keras use an offset of 1; Flux uses the machine's epsilon.
public struct MeanSquaredLogarithmicErrorLoss: ElementwiseLoss, TwiceDifferentiable {
  /// What is added before the logarithm.
  public struct Options: LossOptions {
    /// What is added to both before the logarithm.
    public var offset: Epsilon = 1
    /// An offset of 1.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .epsilon("offset", \.offset, "what is added to both before the logarithm")
    ]
  }

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "mean_squared_logarithmic_error", "The squared difference of logarithms: a relative error.",
    formula: "(log(prediction + offset) - log(target + offset))²",
    domain: "Prediction and target above -offset; NaN below.",
    spellings: [
      .flux("msle", options: [.same("eps", "ϵ", as: "offset")], fixed: ["offset": "machine"])
    ])

  /// What is added before the logarithm.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    [.nonNegative, .symmetric, .zeroAtTarget, .twiceDifferentiable]
  }
  /// Numbers whose logarithm is taken.
  public var signature: LossSignature { Self.positives }
  private static let positives = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")
  /// The loss with this offset.
  public init(offset: Epsilon) {
    var options = Options()
    options.offset = offset
    self.init(options: options)
  }

  /// The difference of the two logarithms.
  @inlinable @inline(__always)
  func logRatio<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let offset = options.offset(S.self)
    let above = prediction + offset
    let below = target + offset
    // Where the two are close their own difference is exact; that of the sums has been rounded.
    let near = (prediction - target) / below
    let isNear = near.magnitude < 0.5 && above >= 0 && below >= 0
    return S.select(isNear, S.log(onePlus: near), S.logRatio(above, below))
  }

  /// The square of the logarithm of the ratio.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let difference = logRatio(prediction, target)
    return difference * difference
  }

  /// The derivatives of the square.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let offset = options.offset(S.self)
    let difference = logRatio(prediction, target)
    return (2 * difference / (prediction + offset), -2 * difference / (target + offset))
  }

  /// `2 (1 - log ratio) / (prediction + offset)²`
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let above = prediction + options.offset(S.self)
    return 2 * (1 - logRatio(prediction, target)) / above / above
  }
}
