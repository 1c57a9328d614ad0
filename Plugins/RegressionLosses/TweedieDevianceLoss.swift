public import LossCore

/// Unit deviance of a Tweedie distribution with predicted mean.
///
/// An exponent of 0 in the formula stands for the logarithm of the ratio. With `log_input`, which
/// suits gradient boosting, the prediction is the logarithm of the mean.
///
/// - Accuracy: nothing cancels where mean and target are close; up to 4.6 ulp measured in `Float`.
public struct TweedieDevianceLoss: ElementwiseFormLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Power of the mean to which the variance is proportional.
    public var power = 1.5
    /// Whether the prediction is the logarithm of the mean.
    public var logInput = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "power", \.power, range: "a number of at most zero, or of at least 1",
        "power of the mean to which the variance is proportional"
      ) { $0.isFinite && ($0 <= 0 || $0 >= 1) },
      .flag("log_input", \.logInput, "whether the prediction is the logarithm of the mean"),
    ]
  }

  public static let metadata = LossMetadata(
    "tweedie_deviance", "Unit deviance of a Tweedie distribution with predicted mean.",
    formula: """
      2 ((prediction^a - target^a) / a - target (prediction^b - target^b) / b)
      a = 2 - power,  b = 1 - power
      """,
    domain: """
      A mean above 0 and a target of at least 0; every real number for power 0. A target of 0 \
      gives infinity for a power of at least 2, a mean of 0 with a positive target gives infinity \
      for a power of at least 1; both 0 give 0.
      """,
    gradient: "0 where mean and target are equal, also if both are 0.",
    usage: """
      Non-negative amounts with many zeros, such as insurance claims or rainfall: power between 1 \
      and 2. Power 0 is mean_squared_error; 1, 2 and 3 are the Poisson, gamma and inverse Gaussian \
      deviances.
      """,
    related: ["gamma_deviance", "poisson_nll", "mean_squared_error"],
    alsoKnownAs: ["tweedie"],
    references: [
      "B. Jørgensen, Exponential Dispersion Models, 1987",
      "scikit-learn, mean_tweedie_deviance",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    let power = options.power
    guard !options.logInput else {
      return [.nonNegative, .twiceDifferentiable] + (1...2 ~= power ? [.convex] : [])
    }
    return [.nonNegative, .zeroAtTarget]
      + (isSquare ? [.symmetric, .twiceDifferentiable] : [])
      + (power == 0 || power == 1 ? [.convex] : [])
  }
  public var signature: LossSignature {
    isSquare ? .elementwise : .means(areLogarithms: options.logInput)
  }

  /// Whether the loss is the squared error, whose domain is every real number.
  var isSquare: Bool { options.power == 0 && !options.logInput }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    if isSquare {
      try MeanSquaredErrorLoss().evaluateTerms(context)
    } else if options.logInput {
      try TweedieFormula<LogMean>(power: options.power).evaluateTerms(context)
    } else {
      try TweedieFormula<PlainMean>(power: options.power).evaluateTerms(context)
    }
  }
}

/// The formula of one power, in terms of `logRatio = log(mean / target)`.
struct TweedieFormula<Mean: MeanForm>: PairFormula {
  let power: Double

  init(power: Double) { self.power = power }

  @inline(__always)
  func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    let (a, b) = (2 - S(power), 1 - S(power))
    let logRatio = Mean.logRatio(prediction, target)
    // Both differences have the linear part logRatio target^a, which cancels and is left out.
    let near = S.pow(target, a) * (remainder(logRatio, a) - remainder(logRatio, b))
    let first = difference(prediction, target, logRatio, a)
    let second = target * difference(prediction, target, logRatio, b)
    let isFinite = first.magnitude < .infinity && second.magnitude < .infinity
    // An infinite difference makes the value infinite: ∞ - ∞ must not give NaN.
    let far = S.select(isFinite || logRatio != logRatio, first - second, .infinity)
    let isNear = logRatio.magnitude * S.maximumPropagatingNaN(a.magnitude, b.magnitude) < 2
    let value = S.select(target == 0, first, S.select(isNear, near, far))
    return 2 * S.select(logRatio == 0, 0, S.relu(value))
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let logRatio = Mean.logRatio(prediction, target)
    let derivative = Mean.derivative(prediction, target, logRatio, power: S(power))
    let targetDerivative = difference(prediction, target, logRatio, 1 - S(power))
    return (
      S.select(logRatio == 0, 0, 2 * derivative), S.select(logRatio == 0, 0, -2 * targetDerivative)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    2
      * Mean.secondDerivative(
        prediction, target, Mean.logRatio(prediction, target), power: S(power))
  }

  /// With respect to mean and target `-2 mean^-power`, and to the target `2 target^-power`.
  @inline(__always)
  func secondTargetDerivatives<S: LossScalar>(
    _ prediction: S, _ target: S
  ) -> (mixed: S, target: S) {
    (-2 * Mean.mixedDerivative(prediction, power: S(power)), 2 * S.pow(target, -S(power)))
  }

  /// (mean^c - target^c) / c, from the larger power; the logarithm of the ratio for c = 0.
  @inline(__always)
  func difference<S: LossArithmetic>(_ prediction: S, _ target: S, _ logRatio: S, _ c: S) -> S {
    let exponent = c * logRatio
    let larger = Mean.pow(c, ofMean: exponent > 0, prediction, target)
    let distance = larger * (S.expMinusOne(-exponent.magnitude) / c.magnitude)
    return S.select(c == 0, logRatio, S.select(logRatio > 0, -distance, distance))
  }

  /// (e^(c logRatio) - 1 - c logRatio) / c, and 0 for c = 0.
  @inline(__always)
  func remainder<S: LossArithmetic>(_ logRatio: S, _ c: S) -> S {
    S.select(c == 0, 0, S.expRest(c * logRatio) / c)
  }
}

/// Whether the prediction is the mean or its logarithm.
protocol MeanForm: Sendable {
  /// log(mean / target), and 0 where both are 0.
  static func logRatio<S: LossArithmetic>(_ prediction: S, _ target: S) -> S
  /// The power of the mean, or of the target.
  static func pow<S: LossArithmetic>(
    _ exponent: S, ofMean isOfMean: Bool, _ prediction: S, _ target: S
  ) -> S
  /// Half of the derivative of the deviance.
  static func derivative<S: LossScalar>(_ prediction: S, _ target: S, _ logRatio: S, power: S) -> S
  /// Half of the negative second derivative of the deviance with respect to prediction and target.
  static func mixedDerivative<S: LossScalar>(_ prediction: S, power: S) -> S
  /// Half of the second derivative of the deviance.
  static func secondDerivative<S: LossScalar>(_ prediction: S, _ target: S, _ logRatio: S, power: S)
    -> S
}

/// The prediction is the mean.
enum PlainMean: MeanForm {
  @inline(__always)
  static func logRatio<S: LossArithmetic>(_ mean: S, _ target: S) -> S {
    S.select(mean == target, 0, S.logRatio(mean, target, offset: 0))
  }

  @inline(__always)
  static func pow<S: LossArithmetic>(
    _ exponent: S, ofMean isOfMean: Bool, _ mean: S, _ target: S
  ) -> S {
    S.pow(S.select(isOfMean, mean, target), exponent)
  }

  /// mean^-power (mean - target); divides first where the power of a small mean would overflow.
  @inline(__always)
  static func derivative<S: LossScalar>(_ mean: S, _ target: S, _ logRatio: S, power: S) -> S {
    let residual = mean - target
    let quotient = S.select(target == 0, 1, residual / mean)
    let isNegativePower = power < 0
    return S.pow(mean, S.select(isNegativePower, -power, 1 - power))
      * S.select(isNegativePower, residual, quotient)
  }

  @inline(__always)
  static func mixedDerivative<S: LossScalar>(_ mean: S, power: S) -> S { S.pow(mean, -power) }

  /// mean^(-power - 1) ((1 - power) mean + power target)
  @inline(__always)
  static func secondDerivative<S: LossScalar>(_ mean: S, _ target: S, _ logRatio: S, power: S) -> S
  {
    let sum = (1 - power) * mean + power * target
    let quotient = (1 - power) + power * S.select(target == 0, 0, target / mean)
    let isNegativePower = power < 0
    let secondDerivative =
      S.pow(mean, S.select(isNegativePower, -power - 1, -power))
      * S.select(isNegativePower, sum, quotient)
    return S.select(mean == 0 && target == 0, 0, secondDerivative)
  }
}

/// The prediction is the logarithm of the mean.
enum LogMean: MeanForm {
  @inline(__always)
  static func logRatio<S: LossArithmetic>(_ logMean: S, _ target: S) -> S {
    logMean - S.log(target)
  }

  @inline(__always)
  static func pow<S: LossArithmetic>(
    _ exponent: S, ofMean isOfMean: Bool, _ logMean: S, _ target: S
  ) -> S {
    S.select(isOfMean, S.exp(exponent * logMean), S.pow(target, exponent))
  }

  /// mean^a - target mean^b
  @inline(__always)
  static func derivative<S: LossScalar>(_ logMean: S, _ target: S, _ logRatio: S, power: S) -> S {
    let relative = S.expMinusOne(-logRatio.magnitude)
    return larger(logMean, target, logRatio, power) * S.select(logRatio > 0, -relative, relative)
  }

  @inline(__always)
  static func mixedDerivative<S: LossScalar>(_ logMean: S, power: S) -> S {
    S.exp((1 - power) * logMean)
  }

  /// a mean^a - b target mean^b
  @inline(__always)
  static func secondDerivative<S: LossScalar>(_ logMean: S, _ target: S, _ logRatio: S, power: S)
    -> S
  {
    let (a, b) = (2 - power, 1 - power)
    let ratio = S.exp(-logRatio.magnitude)
    return larger(logMean, target, logRatio, power)
      * S.select(logRatio > 0, a - b * ratio, a * ratio - b)
  }

  /// The larger of mean^a and target mean^b.
  @inline(__always)
  static func larger<S: LossScalar>(_ logMean: S, _ target: S, _ logRatio: S, _ power: S) -> S {
    let exponent = S.select(logRatio > 0, 2 - power, 1 - power)
    return S.exp(exponent * logMean) * S.select(logRatio > 0, 1, target)
  }
}
