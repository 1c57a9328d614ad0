public import LossCore
import LossDialects

/// The negative log-likelihood of a count under a Poisson distribution whose rate is predicted.
///
///     prediction - target · log(prediction + ε)          the prediction is the rate
///     exp(prediction) - target · prediction              the prediction is the rate's logarithm
///     + target log target - target + ½ log(2π target)    with `full`, where target is above 1
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: a rate of at least 0, a count of at least 0. A count of 0 contributes `0 · log 0 = 0`;
///   a rate of 0 for a count above 0 gives infinity; a negative rate gives NaN unless the count is 0.
/// - Gradient: `1 - target / (prediction + ε)`, or `exp(prediction) - target`; for the target
///   `-log(prediction + ε)`, or `-prediction`, plus `log target + 1 / (2 target)` with `full`.
/// - Reference: PyTorch `PoissonNLLLoss`, whose `full` and `log_input` these are.
public struct PoissonNLLLoss: ElementwiseFormLoss {
  /// What the prediction is, and which terms are added.
  public struct Options: LossOptions {
    /// Whether the prediction is the logarithm of the rate.
    public var logInput = false
    /// Whether Stirling's approximation of log target! is added.
    public var full = false
    /// What is added to the rate before the logarithm.
    public var epsilon: Epsilon = 0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_input", \.logInput, "whether the prediction is the logarithm of the rate"),
      .flag("full", \.full, "whether Stirling's approximation of log target! is added"),
      .epsilon("epsilon", \.epsilon, "what is added to the rate before the logarithm"),
    ]
  }

  public static let metadata = LossMetadata(
    "poisson_nll", "The negative log-likelihood of a count whose rate is predicted.",
    formula: """
      prediction - target · log(prediction + epsilon)
      exp(prediction) - target · prediction               with log_input
      """,
    domain: "A rate and a count of at least 0; 0 · log 0 is 0.",
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
  /// A rate, or its logarithm, and a count.
  public var signature: LossSignature { options.logInput ? Self.logRates : Self.rates }
  private static let rates = LossSignature(
    .real(.prediction, "...", .nonNegative), .real(.target, "...", .nonNegative), terms: "...")
  private static let logRates = LossSignature(
    .real(.prediction, "..."), .real(.target, "...", .nonNegative), terms: "...")

  public var rolesWithSecondDerivative: [Role] { [.prediction] }

  /// Walks the elements with the formula for rates or for their logarithms.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    switch (options.logInput, options.full) {
    case (true, true): try LogRateFormula<Stirling>().evaluateTerms(pass)
    case (true, false): try LogRateFormula<NoCountTerm>().evaluateTerms(pass)
    case (false, true): try RateFormula<Stirling>(epsilon: options.epsilon).evaluateTerms(pass)
    case (false, false): try RateFormula<NoCountTerm>(epsilon: options.epsilon).evaluateTerms(pass)
    }
  }
}

/// The prediction is a rate.
struct RateFormula<Count: CountTerm>: PairFormula, TwiceDifferentiable {
  let epsilon: Epsilon

  init(epsilon: Epsilon) { self.epsilon = epsilon }

  @inline(__always)
  func value<S: LossScalar>(_ rate: S, _ target: S) -> S {
    rate - S.xlogy(target, rate + epsilon(S.self)) + Count.value(target)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ rate: S, _ target: S) -> (S, S) {
    let guarded = rate + epsilon(S.self)
    return (
      S.select(target == 0, 1, 1 - target / guarded), Count.derivative(target) - S.log(guarded)
    )
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ rate: S, _ target: S) -> S {
    let guarded = rate + epsilon(S.self)
    return S.select(target == 0, 0, target / guarded / guarded)
  }
}

/// The prediction is the logarithm of a rate.
struct LogRateFormula<Count: CountTerm>: PairFormula, TwiceDifferentiable {
  init() {}

  @inline(__always)
  func value<S: LossScalar>(_ logRate: S, _ target: S) -> S {
    S.exp(logRate) - target * logRate + Count.value(target)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ logRate: S, _ target: S) -> (S, S) {
    (S.exp(logRate) - target, Count.derivative(target) - logRate)
  }

  @inline(__always)
  func secondDerivative<S: LossScalar>(_ logRate: S, _ target: S) -> S { S.exp(logRate) }
}

/// What depends on the count alone.
protocol CountTerm: Sendable {
  static func value<S: LossScalar>(_ count: S) -> S
  static func derivative<S: LossScalar>(_ count: S) -> S
}

enum NoCountTerm: CountTerm {
  @inline(__always)
  static func value<S: LossScalar>(_ count: S) -> S { 0 }
  @inline(__always)
  static func derivative<S: LossScalar>(_ count: S) -> S { 0 }
}

/// Stirling's approximation of the logarithm of a factorial, 0 up to 1 as in PyTorch.
enum Stirling: CountTerm {
  @inline(__always)
  static func value<S: LossScalar>(_ count: S) -> S {
    let inside = S.maximumPropagatingNaN(count, 1)
    let value = inside * S.log(inside) - inside + S.log(2 * S.pi * inside) / 2
    return S.select(count > 1, value, 0)
  }

  @inline(__always)
  static func derivative<S: LossScalar>(_ count: S) -> S {
    S.select(count > 1, S.log(count) + 1 / (2 * count), 0)
  }
}
