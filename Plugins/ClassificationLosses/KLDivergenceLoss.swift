public import LossCore
import LossDialects

/// How much a predicted distribution differs from the true one, in nats.
///
///     Σ target (log target - log(prediction + ε))
///
/// - Shape: prediction and target `[..., class]`, equal; one term a row.
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
    /// Probabilities, and nothing else.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .flag("log_prediction", \.logPrediction, "whether prediction holds logarithms"),
      .flag("log_target", \.logTarget, "whether target holds logarithms"),
      .epsilon("epsilon", \.epsilon, "what is added to a predicted probability"),
      .number("clip", \.clip, .from(0, below: 1), "the smallest probability of both"),
    ]
  }

  /// The name, the formula and how others spell it.
  public static let card = LossCard(
    "kl_divergence", "How much a predicted distribution differs from the true one, in nats.",
    formula: "Σ target (log target - log(prediction + epsilon))",
    domain: "Probabilities from 0 to 1, or their logarithms; 0 log 0 is 0.",
    references: ["S. Kullback and R. A. Leibler, On Information and Sufficiency, 1951"],
    spellings: [
      .fluxRows("kldivergence", options: [.fluxEpsilon], fixed: ["epsilon": "machine"]),
      .axon("kl_divergence", fixed: ["clip": Spelling.axonEpsilon]),
      .keras(
        "kl_divergence", "kld", "KLD", class: "KLDivergence",
        fixed: ["clip": Spelling.kerasEpsilon]),
      .optax("kl_divergence", options: [.classAxis()], fixed: ["log_prediction": true]),
      .optax(
        "kl_divergence_with_log_targets", options: [.classAxis()],
        fixed: ["log_prediction": true, "log_target": true],
        arguments: [.optaxPrediction, SpelledArgument(.target, "log_targets")]),
      .mlx(
        "kl_div_loss", options: [.classAxis()], fixed: ["log_prediction": true, "log_target": true]),
    ])
  private static let rows = [false, true].map { isLogPrediction in
    [false, true].map { isLogTarget in
      LossSignature(
        .real(.prediction, "... class", isLogPrediction ? .logDistribution : .distribution),
        .real(.target, "... class", isLogTarget ? .logDistribution : .distribution),
        terms: "...", classAxis: "class")
    }
  }

  /// What prediction and target are.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options = Options()) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    let isExact = options.epsilon == 0 || options.logPrediction
    let isSameReading = options.logPrediction == options.logTarget
    return (options.clip == 0 ? [.convex] : [])
      + (isExact && options.clip == 0 ? [.nonNegative] : [])
      + (isExact && isSameReading ? [.zeroAtTarget] : [])
  }
  /// Two distributions a row.
  public var signature: LossSignature {
    Self.rows[options.logPrediction ? 1 : 0][options.logTarget ? 1 : 0]
  }

  /// The divergence of one row; its gradients if wanted.
  @inlinable
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    let epsilon = options.epsilon(S.self)
    return options.clip == 0
      ? term(row, Unlimited(), epsilon) : term(row, Limited(S(options.clip)), epsilon)
  }

  @inlinable
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
@usableFromInline
struct Divergence<
  Prediction: DivergenceInput, Target: DivergenceInput, Limit: DivergenceLimit
> {
  @usableFromInline typealias S = Limit.Element

  @usableFromInline let limit: Limit
  @usableFromInline let epsilon: S

  @inlinable
  init(_ limit: Limit, _ epsilon: S) {
    self.limit = limit
    self.epsilon = epsilon
  }

  @inlinable
  func term(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    let coefficient = row.coefficient
    if let gradient = row.gradient(1) {
      for j in 0..<row.count {
        gradient[j] = targetSlope(prediction[j], target[j], coefficient)
      }
    }
    // A closure as large as these would be called for every class.
    @inline(__always) func value(_ j: Int) -> S { part(prediction[j], target[j]) }
    guard let gradient = row.gradient(0) else {
      let sum = RowMath.sum(count: row.count, ahead: prediction, target, value)
      return S(sum.value)
    }
    @inline(__always) func valueAndSlope(_ j: Int) -> S {
      gradient[j] = predictionSlope(prediction[j], target[j], coefficient)
      return value(j)
    }
    let sum = RowMath.sum(count: row.count, ahead: prediction, target, valueAndSlope)
    return S(sum.value)
  }

  /// What one class adds to the divergence.
  @inlinable @inline(__always)
  func part(_ prediction: S, _ target: S) -> S {
    let t = limit.probability(Target.probability(target))
    return S.select(t == 0, 0, t * excess(prediction, target, t))
  }

  /// The derivative of one class by its prediction, times a coefficient.
  @inlinable @inline(__always)
  func predictionSlope(_ prediction: S, _ target: S, _ coefficient: S) -> S {
    let t = limit.probability(Target.probability(target))
    let isOut = t == 0 || isLimited(prediction, Prediction.self)
    let slope = Prediction.isLogarithm ? -t : -t / (limit.probability(prediction) + epsilon)
    return S.select(isOut, 0, coefficient * slope)
  }

  /// The derivative of one class by its target, times a coefficient.
  @inlinable @inline(__always)
  func targetSlope(_ prediction: S, _ target: S, _ coefficient: S) -> S {
    let t = limit.probability(Target.probability(target))
    let isOut = t == 0 || isLimited(target, Target.self)
    let excess = excess(prediction, target, t)
    let slope = Target.isLogarithm ? t * (excess + 1) : excess + 1
    return S.select(isOut, 0, coefficient * slope)
  }

  /// Whether the limits change a number.
  @inlinable @inline(__always)
  func isLimited(_ x: S, _ input: (some DivergenceInput).Type) -> Bool {
    (input.isLogarithm ? limit.logarithm(x) : limit.probability(x)) != x
  }

  /// `log t - log(p + ε)`, from whatever is given.
  @inlinable @inline(__always)
  func excess(_ prediction: S, _ target: S, _ t: S) -> S {
    let p = limit.probability(Prediction.probability(prediction)) + epsilon
    if !Prediction.isLogarithm && !Target.isLogarithm { return S.logRatio(t, p) }
    let logT = Target.isLogarithm ? limit.logarithm(target) : S.log(t)
    let logP = Prediction.isLogarithm ? limit.logarithm(prediction) : S.log(p)
    return logT - logP
  }
}

/// What becomes of probabilities that are too small or too large.
@usableFromInline protocol DivergenceLimit<Element> {
  associatedtype Element: LossScalar
  func probability(_ p: Element) -> Element
  /// The logarithm of the probability, from its logarithm.
  func logarithm(_ logP: Element) -> Element
}

/// Nothing: a choice inside the loop would be made for every number.
@usableFromInline struct Unlimited<Element: LossScalar>: DivergenceLimit {
  @inlinable init() {}
  @inlinable @inline(__always)
  func probability(_ p: Element) -> Element { p }
  @inlinable @inline(__always)
  func logarithm(_ logP: Element) -> Element { logP }
}

/// They become the smallest one, and 1.
@usableFromInline struct Limited<Element: LossScalar>: DivergenceLimit {
  @usableFromInline let floor: Element
  @usableFromInline let logFloor: Element

  @inlinable
  init(_ floor: Element) {
    self.floor = floor
    logFloor = Element.log(floor)
  }

  @inlinable @inline(__always)
  func probability(_ p: Element) -> Element { Element.clamped(p, floor, 1) }
  @inlinable @inline(__always)
  func logarithm(_ logP: Element) -> Element { Element.clamped(logP, logFloor, 0) }
}

/// Whether an input holds probabilities or their logarithms.
@usableFromInline protocol DivergenceInput {
  static var isLogarithm: Bool { get }
  static func probability<S: LossScalar>(_ x: S) -> S
}

@usableFromInline enum Linear: DivergenceInput {
  @inlinable static var isLogarithm: Bool { false }
  @inlinable @inline(__always)
  static func probability<S: LossScalar>(_ x: S) -> S { x }
}

@usableFromInline enum Logarithmic: DivergenceInput {
  @inlinable static var isLogarithm: Bool { true }
  @inlinable @inline(__always)
  static func probability<S: LossScalar>(_ x: S) -> S { S.exp(x) }
}
