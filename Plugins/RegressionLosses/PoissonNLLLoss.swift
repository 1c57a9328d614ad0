public import LossCore
import LossDialects

/// Poisson negative log-likelihood with predicted rate.
public struct PoissonNLLLoss: ElementwiseFormLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether the prediction is the logarithm of the rate.
    public var logInput = false
    /// Whether to add Stirling's approximation of log target!.
    public var full = false
    /// Constant added to the rate inside the logarithm.
    public var epsilon: Epsilon = 0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_input", \.logInput, "whether the prediction is the logarithm of the rate"),
      .flag("full", \.full, "whether to add Stirling's approximation of log target!"),
      .epsilon("epsilon", \.epsilon, "constant added to the rate inside the logarithm"),
    ]
  }

  public static let metadata = LossMetadata(
    "poisson_nll", "Poisson negative log-likelihood with predicted rate.",
    formula: """
      prediction - target · log(prediction + epsilon)
      exp(prediction) - target · prediction               with log_input
      + target log target - target + ½ log(2π target)     with full, for target > 1
      """,
    domain: """
      A rate and a count of at least 0, with 0 · log 0 = 0. A rate of 0 with a positive count \
      gives infinity; a negative rate gives NaN unless the count is 0.
      """,
    gradient: """
      1 with respect to the rate if the count is 0. The term that full adds, and its derivative, \
      are 0 for counts up to 1.
      """,
    usage: """
      Regression of counts; with log_input the network needs no output activation. For amounts \
      that are often zero use tweedie_deviance.
      """,
    related: [
      "tweedie_deviance", "gamma_deviance", "gaussian_nll", "mean_squared_logarithmic_error",
    ],
    references: ["PyTorch, PoissonNLLLoss"],
    dialectEntries: [
      .flux("poisson_loss", "poisson"),
      .axon(
        "poisson", terms: .meanOfLastAxis, overrides: ["epsilon": DialectEntry.axonEpsilon]),
      .torch(
        "poisson_nll_loss", class: "PoissonNLLLoss",
        options: [.same("log_input"), .same("full"), .same("eps", as: "epsilon")],
        overrides: ["log_input": true, "epsilon": 1e-8]),
      .keras(
        "poisson", class: "Poisson", terms: .meanOfLastAxis,
        overrides: ["epsilon": DialectEntry.kerasEpsilon]),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    options.logInput ? [.convex, .twiceDifferentiable] : [.convex]
  }
  public var signature: LossSignature { options.logInput ? Self.logRates : Self.rates }
  private static let rates = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")
  private static let logRates = LossSignature(
    .real(.prediction, "..."), .real(.target, "...", .nonNegative), terms: "...")

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    switch (options.logInput, options.full) {
    case (true, true): try LogRateFormula<Stirling>().evaluateTerms(context)
    case (true, false): try LogRateFormula<NoCountTerm>().evaluateTerms(context)
    case (false, true): try RateFormula<Stirling>(epsilon: options.epsilon).evaluateTerms(context)
    case (false, false):
      try RateFormula<NoCountTerm>(epsilon: options.epsilon).evaluateTerms(context)
    }
  }
}

/// The formula of a rate.
struct RateFormula<Count: CountTerm>: PairFormula {
  let epsilon: Epsilon

  init(epsilon: Epsilon) { self.epsilon = epsilon }

  @inline(__always)
  func value<S: LossArithmetic>(_ rate: S, _ target: S) -> S {
    rate - S.xlogy(target, rate + epsilon(S.self)) + Count.value(target)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ rate: S, _ target: S) -> (S, S) {
    let shifted = rate + epsilon(S.self)
    return (
      S.select(target == 0, 1, 1 - target / shifted), Count.derivative(target) - S.log(shifted)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ rate: S, _ target: S) -> S {
    let shifted = rate + epsilon(S.self)
    return S.select(target == 0, 0, target / shifted / shifted)
  }

  @inline(__always)
  func secondTargetDerivatives<S: LossScalar>(_ rate: S, _ target: S) -> (mixed: S, target: S) {
    (-1 / (rate + epsilon(S.self)), Count.secondDerivative(target))
  }
}

/// The formula of the logarithm of a rate.
struct LogRateFormula<Count: CountTerm>: PairFormula {
  init() {}

  @inline(__always)
  func value<S: LossArithmetic>(_ logRate: S, _ target: S) -> S {
    S.exp(logRate) - target * logRate + Count.value(target)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ logRate: S, _ target: S) -> (S, S) {
    (S.exp(logRate) - target, Count.derivative(target) - logRate)
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ logRate: S, _ target: S) -> S { S.exp(logRate) }

  @inline(__always)
  func secondTargetDerivatives<S: LossScalar>(_ logRate: S, _ target: S) -> (mixed: S, target: S) {
    (-1, Count.secondDerivative(target))
  }
}

/// The part of the term that depends on the count alone.
protocol CountTerm: Sendable {
  static func value<S: LossArithmetic>(_ count: S) -> S
  static func derivative<S: LossScalar>(_ count: S) -> S
  static func secondDerivative<S: LossScalar>(_ count: S) -> S
}

enum NoCountTerm: CountTerm {
  @inline(__always)
  static func value<S: LossArithmetic>(_ count: S) -> S { 0 }
  @inline(__always)
  static func derivative<S: LossScalar>(_ count: S) -> S { 0 }
  @inline(__always)
  static func secondDerivative<S: LossScalar>(_ count: S) -> S { 0 }
}

/// Stirling's approximation of log count!, 0 for counts up to 1 as in PyTorch.
enum Stirling: CountTerm {
  @inline(__always)
  static func value<S: LossArithmetic>(_ count: S) -> S {
    let clamped = S.maximumPropagatingNaN(count, 1)
    let value = clamped * S.log(clamped) - clamped + S.log(2 * S.pi * clamped) / 2
    return S.select(count > 1, value, 0)
  }

  @inline(__always)
  static func derivative<S: LossScalar>(_ count: S) -> S {
    S.select(count > 1, S.log(count) + 1 / (2 * count), 0)
  }

  @inline(__always)
  static func secondDerivative<S: LossScalar>(_ count: S) -> S {
    S.select(count > 1, (1 - 1 / (2 * count)) / count, 0)
  }
}
