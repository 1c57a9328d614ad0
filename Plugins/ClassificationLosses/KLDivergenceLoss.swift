public import LossCore
import LossDialects

/// How much a predicted distribution differs from the true one, in nats.
///
///     Σ target (log target - log(prediction + ε))
///
/// With `elementwise` each number of a row is a term of its own, which may be below 0.
///
/// - Shape: prediction and target `[..., class]`, equal; one term a row, or with `elementwise` one a
///   number, for which any shape will do.
/// - Domain: probabilities from 0 to 1, or their logarithms down to -∞; `0 log 0 = 0`. A prediction
///   of 0 where the target is above 0 gives infinity.
/// - Gradient: `- target / (prediction + ε)`, or `- target` for a logarithm; for the target
///   `log target - log(prediction + ε) + 1`, 0 where the target is 0; 0 where `clip` acts.
/// - Reference: S. Kullback and R. A. Leibler, "On Information and Sufficiency", 1951.
public struct KLDivergenceLoss: RowwiseLoss {
  /// What prediction and target are.
  public struct Options: LossOptions {
    /// Whether the prediction holds logarithms of probabilities.
    public var logPrediction = false
    /// Whether the target holds logarithms of probabilities.
    public var logTarget = false
    /// What is added to a predicted probability before the logarithm.
    public var epsilon: Epsilon = 0
    /// The smallest probability; larger ones than 1 become 1 if it is above 0.
    public var clip = 0.0
    /// Whether each number is a term, rather than their sum over a row.
    public var elementwise = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_prediction", \.logPrediction, "whether prediction holds logarithms"),
      .flag("log_target", \.logTarget, "whether target holds logarithms"),
      .epsilon("epsilon", \.epsilon, "what is added to a predicted probability"),
      .number("clip", \.clip, .from(0, below: 1), "the smallest probability of both"),
      .flag(
        "elementwise", \.elementwise, "whether each number is a term, not their sum over a row"),
    ]
  }

  public static let metadata = LossMetadata(
    "kl_divergence", "How much a predicted distribution differs from the true one, in nats.",
    formula: "Σ target (log target - log(prediction + epsilon))",
    domain: "Probabilities from 0 to 1, or their logarithms; 0 log 0 is 0.",
    references: ["S. Kullback and R. A. Leibler, On Information and Sufficiency, 1951"],
    dialectEntries: [
      .fluxRows("kldivergence", options: [.fluxEpsilon], overrides: ["epsilon": "machine"]),
      .axon("kl_divergence", overrides: ["clip": DialectEntry.axonEpsilon]),
      .keras(
        "kl_divergence", "kld", "KLD", class: "KLDivergence",
        overrides: ["clip": DialectEntry.kerasEpsilon]),
      .torch(
        "kl_div", class: "KLDivLoss",
        options: [
          .reduction(["mean": .mean, "batchmean": .batchMean, "sum": .sum, "none": .unreduced]),
          .same("log_target"),
        ],
        overrides: ["log_prediction": true, "elementwise": true]),
      .optax("kl_divergence", options: [.classAxis()], overrides: ["log_prediction": true]),
      .optax(
        "kl_divergence_with_log_targets", options: [.classAxis()],
        overrides: ["log_prediction": true, "log_target": true],
        arguments: [.optaxPrediction, DialectArgument(.target, "log_targets")]),
      .mlx(
        "kl_div_loss", options: [.classAxis()],
        overrides: ["log_prediction": true, "log_target": true]),
    ])
  private static let rows = signatures(terms: "...", classAxis: "class")
  private static let numbers = signatures(terms: "... class", classAxis: nil)

  /// One for each way of reading the inputs.
  private static func signatures(terms: AxisPattern, classAxis: String?) -> [LossSignature] {
    [(false, false), (false, true), (true, false), (true, true)].map { log in
      LossSignature(
        .real(.prediction, "... class", log.0 ? .logDistribution : .distribution),
        .real(.target, "... class", log.1 ? .logDistribution : .distribution),
        terms: terms, classAxis: classAxis)
    }
  }

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isExact = options.epsilon == 0 || options.logPrediction
    let isSameReading = options.logPrediction == options.logTarget
    return (options.clip == 0 ? [.convex] : [])
      + (isExact && options.clip == 0 && !options.elementwise ? [.nonNegative] : [])
      + (isExact && isSameReading ? [.zeroAtTarget] : [])
  }
  /// Two distributions a row.
  public var signature: LossSignature {
    let signatures = options.elementwise ? Self.numbers : Self.rows
    return signatures[(options.logPrediction ? 2 : 0) + (options.logTarget ? 1 : 0)]
  }

  /// Walks the rows, or the numbers.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    guard options.elementwise else { return try forEachRow(pass) }
    switch (options.logPrediction, options.logTarget) {
    case (false, false): try NumberDivergence<Linear, Linear>(options).evaluateTerms(pass)
    case (false, true): try NumberDivergence<Linear, Logarithmic>(options).evaluateTerms(pass)
    case (true, false): try NumberDivergence<Logarithmic, Linear>(options).evaluateTerms(pass)
    case (true, true): try NumberDivergence<Logarithmic, Logarithmic>(options).evaluateTerms(pass)
    }
  }

  /// The divergence of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let epsilon = options.epsilon(S.self)
    return options.clip == 0
      ? term(row, Unlimited(), epsilon) : term(row, Limited(options.clip), epsilon)
  }

  func term<S: LossScalar>(_ row: Row<S>, _ limit: some DivergenceLimit<S>, _ epsilon: S) -> S {
    switch (options.logPrediction, options.logTarget) {
    case (false, false): Divergence<Linear, Linear, _>(limit, epsilon).term(row)
    case (false, true): Divergence<Linear, Logarithmic, _>(limit, epsilon).term(row)
    case (true, false): Divergence<Logarithmic, Linear, _>(limit, epsilon).term(row)
    case (true, true): Divergence<Logarithmic, Logarithmic, _>(limit, epsilon).term(row)
    }
  }
}

/// The divergence of a row, for one way of reading each input and of limiting what they hold.
struct Divergence<
  Prediction: DivergenceInput, Target: DivergenceInput, Limit: DivergenceLimit
> {
  typealias S = Limit.Element

  let limit: Limit
  let epsilon: S

  init(_ limit: Limit, _ epsilon: S) {
    self.limit = limit
    self.epsilon = epsilon
  }

  func term(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    let coefficient = row.gradientScale
    if let gradient = row.gradient(1) {
      for j in 0..<row.count {
        gradient[j] = targetDerivative(prediction[j], target[j], coefficient)
      }
    }
    let gradient = row.gradient(0)
    let sum = RowMath.sum(count: row.count, ahead: prediction, target) { start, count, terms in
      let (p, t) = (prediction + start, target + start)
      if let gradient {
        let derivatives = gradient + start
        for j in 0..<count {
          derivatives[j] = predictionDerivative(p[j], t[j], coefficient)
          terms[j] = part(p[j], t[j])
        }
      } else {
        for j in 0..<count { terms[j] = part(p[j], t[j]) }
      }
    }
    return S(sum.value)
  }

  /// What one class adds to the divergence.
  @inline(__always)
  func part(_ prediction: S, _ target: S) -> S {
    let t = limit.probability(Target.probability(target))
    return S.select(t == 0, 0, t * excess(prediction, target, t))
  }

  /// The derivative of one class by its prediction, times a coefficient.
  @inline(__always)
  func predictionDerivative(_ prediction: S, _ target: S, _ coefficient: S) -> S {
    let t = limit.probability(Target.probability(target))
    let isOut = t == 0 || isLimited(prediction, Prediction.self)
    let derivative = Prediction.isLogarithm ? -t : -t / (limit.probability(prediction) + epsilon)
    return S.select(isOut, 0, coefficient * derivative)
  }

  /// The derivative of one class by its target, times a coefficient.
  @inline(__always)
  func targetDerivative(_ prediction: S, _ target: S, _ coefficient: S) -> S {
    let t = limit.probability(Target.probability(target))
    let isOut = t == 0 || isLimited(target, Target.self)
    let excess = excess(prediction, target, t)
    let derivative = Target.isLogarithm ? t * (excess + 1) : excess + 1
    return S.select(isOut, 0, coefficient * derivative)
  }

  /// Whether the limits change a number.
  @inline(__always)
  func isLimited(_ x: S, _ input: (some DivergenceInput).Type) -> Bool {
    input.isLogarithm ? limit.changesLogarithm(x) : limit.changesProbability(x)
  }

  /// `log t - log(p + ε)`, from whatever is given.
  @inline(__always)
  func excess(_ prediction: S, _ target: S, _ t: S) -> S {
    let p = limit.probability(Prediction.probability(prediction)) + epsilon
    if !Prediction.isLogarithm && !Target.isLogarithm { return S.logRatio(t, p) }
    let logT = Target.isLogarithm ? limit.logarithm(target) : S.log(t)
    let logP = Prediction.isLogarithm ? limit.logarithm(prediction) : S.log(p)
    return logT - logP
  }
}

/// The divergence of one number as a term of its own.
struct NumberDivergence<Prediction: DivergenceInput, Target: DivergenceInput>: PairFormula {
  let limit: Limited<Double>
  let epsilon: Epsilon

  init(_ options: KLDivergenceLoss.Options) {
    limit = Limited(options.clip)
    epsilon = options.epsilon
  }

  @inline(__always)
  func divergence<S: LossScalar>(of type: S.Type) -> Divergence<Prediction, Target, Limited<S>> {
    Divergence(Limited(limit), epsilon(S.self))
  }

  @inline(__always)
  func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    divergence(of: S.self).part(prediction, target)
  }

  @inline(__always)
  func derivative<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let divergence = divergence(of: S.self)
    return (
      divergence.predictionDerivative(prediction, target, 1),
      divergence.targetDerivative(prediction, target, 1)
    )
  }
}

/// What becomes of probabilities that are too small or too large.
protocol DivergenceLimit<Element> {
  associatedtype Element: LossScalar
  func probability(_ p: Element) -> Element
  /// The logarithm of the probability, from its logarithm.
  func logarithm(_ logP: Element) -> Element
  func changesProbability(_ p: Element) -> Bool
  func changesLogarithm(_ logP: Element) -> Bool
}

/// Nothing: a choice inside the loop would be made for every number.
struct Unlimited<Element: LossScalar>: DivergenceLimit {
  init() {}
  @inline(__always)
  func probability(_ p: Element) -> Element { p }
  @inline(__always)
  func logarithm(_ logP: Element) -> Element { logP }
  @inline(__always)
  func changesProbability(_ p: Element) -> Bool { false }
  @inline(__always)
  func changesLogarithm(_ logP: Element) -> Bool { false }
}

/// They become the smallest one, and 1; nothing for a smallest one of 0.
struct Limited<Element: LossScalar>: DivergenceLimit, Sendable {
  let probabilities: (low: Element, high: Element)
  let logarithms: (low: Element, high: Element)

  init(_ floor: Double) {
    let isFree = floor == 0
    probabilities = isFree ? (-.infinity, .infinity) : (Element(floor), 1)
    logarithms = isFree ? (-.infinity, .infinity) : (Element.log(Element(floor)), 0)
  }

  /// The same limits in another format.
  @inline(__always)
  init(_ limit: Limited<Double>) {
    probabilities = (Element(limit.probabilities.low), Element(limit.probabilities.high))
    logarithms = (Element(limit.logarithms.low), Element(limit.logarithms.high))
  }

  @inline(__always)
  func probability(_ p: Element) -> Element {
    Element.clamped(p, probabilities.low, probabilities.high)
  }
  @inline(__always)
  func logarithm(_ logP: Element) -> Element {
    Element.clamped(logP, logarithms.low, logarithms.high)
  }
  @inline(__always)
  func changesProbability(_ p: Element) -> Bool { p < probabilities.low || p > probabilities.high }
  @inline(__always)
  func changesLogarithm(_ logP: Element) -> Bool { logP < logarithms.low || logP > logarithms.high }
}

/// Whether an input holds probabilities or their logarithms.
protocol DivergenceInput {
  static var isLogarithm: Bool { get }
  static func probability<S: LossScalar>(_ x: S) -> S
}

enum Linear: DivergenceInput {
  static var isLogarithm: Bool { false }
  @inline(__always)
  static func probability<S: LossScalar>(_ x: S) -> S { x }
}

enum Logarithmic: DivergenceInput {
  static var isLogarithm: Bool { true }
  @inline(__always)
  static func probability<S: LossScalar>(_ x: S) -> S { S.exp(x) }
}
