public import LossCore

/// Unit deviance of a gamma distribution with predicted mean.
///
/// With `log_input`, which suits gradient boosting, the prediction is the logarithm of the mean.
///
/// - Accuracy: nothing cancels where mean and target are close.
public struct GammaDevianceLoss: ElementwiseFormLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether the prediction is the logarithm of the mean.
    public var logInput = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_input", \.logInput, "whether the prediction is the logarithm of the mean")
    ]
  }

  public static let metadata = LossMetadata(
    "gamma_deviance", "Unit deviance of a gamma distribution with predicted mean.",
    formula: """
      2 (log(prediction / target) + target / prediction - 1)
      2 (prediction - log target + target exp(-prediction) - 1)     with log_input
      """,
    domain: """
      A mean and a target above 0. If one is 0 the value is infinite, if both are 0 it is 0.
      """,
    gradient: "0 where mean and target are equal, also if both are 0.",
    usage: """
      Positive, right-skewed amounts such as durations or claim sizes, whose error grows with the \
      mean. For amounts that are often zero use tweedie_deviance.
      """,
    related: ["tweedie_deviance", "poisson_nll", "mean_squared_logarithmic_error"],
    alsoKnownAs: ["gamma"],
    references: [
      "P. McCullagh and J. A. Nelder, Generalized Linear Models, 1989",
      "scikit-learn, mean_gamma_deviance",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    options.logInput
      ? [.convex, .nonNegative, .twiceDifferentiable] : [.nonNegative, .zeroAtTarget]
  }
  public var signature: LossSignature { .means(areLogarithms: options.logInput) }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    if options.logInput {
      try LogMeanGammaDeviance().evaluateTerms(context)
    } else {
      try MeanGammaDeviance().evaluateTerms(context)
    }
  }
}

extension LossSignature {
  /// A mean, or its logarithm, and a target of at least 0.
  static func means(areLogarithms: Bool) -> LossSignature { areLogarithms ? logMeans : plainMeans }
  private static let plainMeans = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")
  private static let logMeans = LossSignature(
    .real(.prediction, "..."), .real(.target, "...", .nonNegative), terms: "...")
}

/// The formula of a mean.
struct MeanGammaDeviance: PairFormula {
  init() {}

  @inline(__always)
  func value<S: LossArithmetic>(_ mean: S, _ target: S) -> S {
    let value = 2 * S.relativeEntropy(1, target / mean, logRatio: S.logRatio(target, mean))
    return S.select(mean == target, 0, S.select(target == 0 || mean == 0, .infinity, value))
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ mean: S, _ target: S) -> (S, S) {
    let residual = mean - target
    let derivative = 2 * (residual / mean)
    return (
      S.select(residual == 0, 0, derivative / mean),
      S.select(residual == 0, 0, -derivative / target)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ mean: S, _ target: S) -> S {
    S.select(
      mean == 0 && target == 0, .infinity, 2 * ((target - (mean - target)) / mean) / mean / mean)
  }

  @inline(__always)
  func secondTargetDerivatives<S: LossScalar>(_ mean: S, _ target: S) -> (mixed: S, target: S) {
    (-2 / mean / mean, 2 / target / target)
  }
}

/// The formula of the logarithm of a mean.
struct LogMeanGammaDeviance: PairFormula {
  init() {}

  @inline(__always)
  func value<S: LossArithmetic>(_ logMean: S, _ target: S) -> S {
    let value = S.relativeEntropy(
      1, target * S.exp(-logMean), logRatio: S.log(target) - logMean)
    return S.select(target == 0, .infinity, 2 * value)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ logMean: S, _ target: S) -> (S, S) {
    let logRatio = S.log(target) - logMean
    let direct = target * S.exp(-logMean) - 1
    let excess = S.select(logRatio.magnitude < 0.75, S.expMinusOne(logRatio), direct)
    let derivative = S.select(target == 0, -1, excess)
    return (-2 * derivative, 2 * derivative / target)
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ logMean: S, _ target: S) -> S {
    S.select(target == 0, 0, 2 * target * S.exp(-logMean))
  }

  @inline(__always)
  func secondTargetDerivatives<S: LossScalar>(_ logMean: S, _ target: S) -> (mixed: S, target: S) {
    (-2 * S.exp(-logMean), 2 / target / target)
  }
}
