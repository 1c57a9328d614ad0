public import LossCore
import LossDialects

/// Kullback-Leibler divergence KL(target ‖ prediction), in nats.
///
/// With `elementwise` each element is a term, which may be negative, and any shape is accepted.
public struct KLDivergenceLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether prediction holds log-probabilities.
    public var logPrediction = false
    /// Whether target holds log-probabilities.
    public var logTarget = false
    /// Constant added to a predicted probability before the logarithm.
    public var epsilon: Epsilon = 0
    /// Lower bound of the probabilities; above 0, the upper bound is 1.
    public var clip = 0.0
    /// Whether each element is a term, instead of the sum over a row.
    public var elementwise = false
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("log_prediction", \.logPrediction, "whether prediction holds log-probabilities"),
      .flag("log_target", \.logTarget, "whether target holds log-probabilities"),
      .epsilon(
        "epsilon", \.epsilon, "constant added to a predicted probability before the logarithm"),
      .number(
        "clip", \.clip, .from(0, below: 1),
        "lower bound of the probabilities; above 0, the upper bound is 1"),
      .flag(
        "elementwise", \.elementwise,
        "whether each element is a term, instead of the sum over a row"),
    ]
  }

  public static let metadata = LossMetadata(
    "kl_divergence", "Kullback-Leibler divergence KL(target ‖ prediction), in nats.",
    formula: "Σ target (log target - log(prediction + epsilon))",
    domain: """
      Probabilities from 0 to 1, or their logarithms down to -∞. 0 log 0 is 0; a prediction \
      of 0 for a target above 0 gives infinity, unless epsilon or clip bounds it.
      """,
    gradient: """
      0 with respect to a target of 0. With clip, the derivative at a bound is \
      the one from inside, and beyond a bound it is 0 for the clipped number.
      """,
    usage: """
      Soft targets: knowledge distillation, variational inference, matching distributions. It is \
      cross_entropy minus the entropy of the target; jensen_shannon is symmetric and bounded.
      """,
    related: ["cross_entropy", "jensen_shannon", "generalized_kl_divergence"],
    alsoKnownAs: ["kl", "relative_entropy", "kullback_leibler"],
    references: ["S. Kullback and R. A. Leibler, On Information and Sufficiency, 1951"],
    dialectEntries: [
      .fluxRows("kldivergence", options: [.fluxEpsilon], overrides: ["epsilon": "machine"]),
      .axon("kl_divergence", overrides: ["clip": DialectEntry.axonClip]),
      .keras(
        "kl_divergence", "kld", "KLD", class: "KLDivergence",
        overrides: ["clip": DialectEntry.kerasEpsilon]),
      .torch(
        "kl_div", class: "KLDivLoss",
        options: [
          .torchReduction(["mean": .mean, "batchmean": .batchMean, "sum": .sum, "none": .unreduced]
          ),
          .same("log_target"),
        ],
        overrides: ["log_prediction": true, "elementwise": true]),
      .optax(
        "kl_divergence", options: [.classAxes, .optaxWhere], overrides: ["log_prediction": true]
      ).masking([.target: 0]),
      .optax(
        "kl_divergence_with_log_targets", options: [.classAxes, .optaxWhere],
        overrides: ["log_prediction": true, "log_target": true],
        arguments: [.optaxPrediction, DialectArgument(.target, "log_targets")]
      ).masking([.target: -.infinity]),
      .mlx(
        "kl_div_loss", options: [.classAxis()],
        overrides: ["log_prediction": true, "log_target": true]),
    ])
  private static let rows = signatures(terms: "...", classAxis: "class")
  private static let elements = signatures(terms: "... class", classAxis: nil)

  /// A signature for each combination of probabilities and log-probabilities.
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
  public var signature: LossSignature {
    let signatures = options.elementwise ? Self.elements : Self.rows
    return signatures[(options.logPrediction ? 2 : 0) + (options.logTarget ? 1 : 0)]
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    guard options.elementwise else { return try forEachRow(context) }
    switch (options.logPrediction, options.logTarget) {
    case (false, false): try ElementDivergence<Linear, Linear>(options).evaluateTerms(context)
    case (false, true): try ElementDivergence<Linear, Logarithmic>(options).evaluateTerms(context)
    case (true, false): try ElementDivergence<Logarithmic, Linear>(options).evaluateTerms(context)
    case (true, true):
      try ElementDivergence<Logarithmic, Logarithmic>(options).evaluateTerms(context)
    }
  }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let epsilon = options.epsilon(S.self)
    return options.clip == 0
      ? term(row, NoClipping(), epsilon) : term(row, RangeClipping(options.clip), epsilon)
  }

  /// The inputs with a gradient.
  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    switch (options.logPrediction, options.logTarget) {
    case (false, false): ElementDivergence<Linear, Linear>(options).writeProducts(row)
    case (false, true): ElementDivergence<Linear, Logarithmic>(options).writeProducts(row)
    case (true, false): ElementDivergence<Logarithmic, Linear>(options).writeProducts(row)
    case (true, true): ElementDivergence<Logarithmic, Logarithmic>(options).writeProducts(row)
    }
    return value
  }

  func term<S: LossScalar>(_ row: Row<S>, _ clipping: some DivergenceClipping<S>, _ epsilon: S) -> S
  {
    switch (options.logPrediction, options.logTarget) {
    case (false, false): Divergence<Linear, Linear, _>(clipping, epsilon).term(row)
    case (false, true): Divergence<Linear, Logarithmic, _>(clipping, epsilon).term(row)
    case (true, false): Divergence<Logarithmic, Linear, _>(clipping, epsilon).term(row)
    case (true, true): Divergence<Logarithmic, Logarithmic, _>(clipping, epsilon).term(row)
    }
  }
}

/// The divergence of a row, specialised for probabilities or logarithms and for clipping.
struct Divergence<
  Prediction: DivergenceInput, Target: DivergenceInput, Clipping: DivergenceClipping
> {
  typealias S = Clipping.Element

  let clipping: Clipping
  let epsilon: S

  init(_ clipping: Clipping, _ epsilon: S) {
    self.clipping = clipping
    self.epsilon = epsilon
  }

  /// The term of one class.
  @inline(__always)
  func classTerm(_ prediction: S, _ target: S) -> S {
    let t = clipping.probability(Target.probability(target))
    return S.select(t == 0, 0, t * logRatio(prediction, target, t))
  }

  /// The derivative of one class with respect to its prediction, times a coefficient.
  @inline(__always)
  func predictionDerivative(_ prediction: S, _ target: S, _ coefficient: S) -> S {
    let t = clipping.probability(Target.probability(target))
    let isConstant = t == 0 || isClipped(prediction, Prediction.self)
    let derivative = Prediction.isLogarithm ? -t : -t / (clipping.probability(prediction) + epsilon)
    return S.select(isConstant, 0, coefficient * derivative)
  }

  /// The derivative of one class with respect to its target, times a coefficient.
  @inline(__always)
  func targetDerivative(_ prediction: S, _ target: S, _ coefficient: S) -> S {
    let t = clipping.probability(Target.probability(target))
    let isConstant = t == 0 || isClipped(target, Target.self)
    let logRatio = logRatio(prediction, target, t)
    let derivative = Target.isLogarithm ? t * (logRatio + 1) : logRatio + 1
    return S.select(isConstant, 0, coefficient * derivative)
  }

  /// Whether clipping changes a number.
  @inline(__always)
  func isClipped(_ x: S, _ input: (some DivergenceInput).Type) -> Bool {
    input.isLogarithm ? clipping.changesLogarithm(x) : clipping.changesProbability(x)
  }

  /// `log t - log(p + ε)`
  @inline(__always)
  func logRatio(_ prediction: S, _ target: S, _ t: S) -> S {
    let p = clipping.probability(Prediction.probability(prediction)) + epsilon
    if !Prediction.isLogarithm && !Target.isLogarithm { return S.logRatio(t, p) }
    let logT = Target.isLogarithm ? clipping.logarithm(target) : S.log(t)
    let logP = Prediction.isLogarithm ? clipping.logarithm(prediction) : S.log(p)
    return logT - logP
  }
}

extension Divergence where Clipping.Element: LossScalar {
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
          terms[j] = classTerm(p[j], t[j])
        }
      } else {
        for j in 0..<count { terms[j] = classTerm(p[j], t[j]) }
      }
    }
    return S(sum.value)
  }
}

/// The divergence of one element, as a term.
struct ElementDivergence<Prediction: DivergenceInput, Target: DivergenceInput>: PairFormula {
  let clipping: RangeClipping<Double>
  let epsilon: Epsilon

  init(_ options: KLDivergenceLoss.Options) {
    clipping = RangeClipping(options.clip)
    epsilon = options.epsilon
  }

  @inline(__always)
  func divergence<S: LossArithmetic>(of type: S.Type) -> Divergence<
    Prediction, Target, RangeClipping<S>
  > {
    Divergence(RangeClipping(clipping), epsilon(S.self))
  }

  @inline(__always)
  func value<S: LossArithmetic>(_ prediction: S, _ target: S) -> S {
    divergence(of: S.self).classTerm(prediction, target)
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

/// Clips probabilities, or leaves them.
protocol DivergenceClipping<Element> {
  associatedtype Element: LossArithmetic
  func probability(_ p: Element) -> Element
  /// Clips a log-probability.
  func logarithm(_ logP: Element) -> Element
  func changesProbability(_ p: Element) -> Bool
  func changesLogarithm(_ logP: Element) -> Bool
}

/// No clipping: a type of its own, so that the loop has no test for each element.
struct NoClipping<Element: LossArithmetic>: DivergenceClipping {
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

/// Clips to `[floor, 1]`; a floor of 0 clips nothing.
struct RangeClipping<Element: LossArithmetic>: DivergenceClipping, Sendable {
  let probabilities: (low: Element, high: Element)
  let logarithms: (low: Element, high: Element)

  init(_ floor: Double) {
    let isUnbounded = floor == 0
    probabilities = isUnbounded ? (-.infinity, .infinity) : (Element(floor), 1)
    logarithms = isUnbounded ? (-.infinity, .infinity) : (Element.log(Element(floor)), 0)
  }

  /// The same bounds in another precision.
  @inline(__always)
  init(_ clipping: RangeClipping<Double>) {
    probabilities = (Element(clipping.probabilities.low), Element(clipping.probabilities.high))
    logarithms = (Element(clipping.logarithms.low), Element(clipping.logarithms.high))
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

/// The type of an input: probabilities or their logarithms.
protocol DivergenceInput {
  static var isLogarithm: Bool { get }
  static func probability<S: LossArithmetic>(_ x: S) -> S
}

enum Linear: DivergenceInput {
  static var isLogarithm: Bool { false }
  @inline(__always)
  static func probability<S: LossArithmetic>(_ x: S) -> S { x }
}

enum Logarithmic: DivergenceInput {
  static var isLogarithm: Bool { true }
  @inline(__always)
  static func probability<S: LossArithmetic>(_ x: S) -> S { S.exp(x) }
}
