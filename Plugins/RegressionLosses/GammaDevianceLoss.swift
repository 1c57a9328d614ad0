public import LossCore

/// How unlikely a positive number is under a gamma distribution whose mean is predicted, against its
/// own mean: a relative error.
///
///     2 (log(prediction / target) + target / prediction - 1)
///
/// With `log_input` the prediction is the logarithm of the mean, which is what boosting fits.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: a mean and a target above 0; 0 for one of both gives infinity, for both 0.
/// - Accuracy: where the two are close nothing cancels.
/// - Gradient: `2 (prediction - target) / prediction²`, or `2 (1 - target / exp(prediction))`; for the
///   target `2 (1 / prediction - 1 / target)`.
/// - Reference: P. McCullagh and J. A. Nelder, "Generalized Linear Models", 1989; scikit-learn,
///   `mean_gamma_deviance`.
public struct GammaDevianceLoss: ElementwiseFormLoss {
  /// What the prediction is.
  public struct Options: LossOptions {
    /// Whether the prediction is the logarithm of the mean.
    public var logInput = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_input", \.logInput, "whether the prediction is the logarithm of the mean")
    ]
  }

  public static let metadata = LossMetadata(
    "gamma_deviance", "How unlikely a positive number is under a gamma distribution of this mean.",
    formula: "2 (log(prediction / target) + target / prediction - 1)",
    domain: "A mean and a target above 0.",
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
  /// A mean, or its logarithm, and a number.
  public var signature: LossSignature { .means(areLogarithms: options.logInput) }
  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  /// Walks the elements with the formula for means or for their logarithms.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    if options.logInput {
      try LogMeanGammaDeviance().evaluateTerms(pass)
    } else {
      try MeanGammaDeviance().evaluateTerms(pass)
    }
  }
}

extension LossSignature {
  /// A mean of at least 0, or its logarithm, and a number of at least 0.
  static func means(areLogarithms: Bool) -> LossSignature { areLogarithms ? logMeans : plainMeans }
  private static let plainMeans = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")
  private static let logMeans = LossSignature(
    .real(.prediction, "..."), .real(.target, "...", .nonNegative), terms: "...")
}

/// The prediction is a mean.
struct MeanGammaDeviance: PairFormula, TwiceDifferentiable {
  init() {}

  @inline(__always)
  func value<S: LossScalar>(_ mean: S, _ target: S) -> S {
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
    2 * ((target - (mean - target)) / mean) / mean / mean
  }
}

/// The prediction is the logarithm of a mean.
struct LogMeanGammaDeviance: PairFormula, TwiceDifferentiable {
  init() {}

  @inline(__always)
  func value<S: LossScalar>(_ logMean: S, _ target: S) -> S {
    let value = S.relativeEntropy(
      1, target * S.exp(-logMean), logRatio: S.log(target) - logMean)
    return S.select(target == 0, .infinity, 2 * value)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ logMean: S, _ target: S) -> (S, S) {
    let gap = S.log(target) - logMean
    let far = target * S.exp(-logMean) - 1
    let excess = S.select(gap.magnitude < 0.75, S.expMinusOne(gap), far)
    let derivative = S.select(target == 0, -1, excess)
    return (-2 * derivative, 2 * derivative / target)
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ logMean: S, _ target: S) -> S {
    S.select(target == 0, 0, 2 * target * S.exp(-logMean))
  }
}
