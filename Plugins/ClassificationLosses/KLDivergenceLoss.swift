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
    switch (options.logPrediction, options.logTarget) {
    case (false, false): Divergence<Linear, Linear>(options).term(row)
    case (false, true): Divergence<Linear, Logarithmic>(options).term(row)
    case (true, false): Divergence<Logarithmic, Linear>(options).term(row)
    case (true, true): Divergence<Logarithmic, Logarithmic>(options).term(row)
    }
  }
}

/// The divergence of a row, for one way of reading each input.
@usableFromInline struct Divergence<Prediction: DivergenceInput, Target: DivergenceInput> {
  @usableFromInline let epsilon: Epsilon
  @usableFromInline let clip: Double

  @inlinable
  init(_ options: KLDivergenceLoss.Options) {
    epsilon = options.epsilon
    clip = options.clip
  }

  @inlinable
  func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    let count = row.count
    let clip = S(clip)
    // The clip for logarithms, taken once.
    let floor = Prediction.isLogarithm || Target.isLogarithm ? S.log(clip) : 0
    let epsilon = epsilon(S.self)
    let coefficient = row.coefficient
    if let gradient = row.gradient(0) {
      for j in 0..<count {
        let t = clipped(Target.probability(target[j]), clip)
        let p = clipped(Prediction.probability(prediction[j]), clip)
        let slope = Prediction.isLogarithm ? -t : -t / (p + epsilon)
        let isOut =
          t == 0
          || (Prediction.isLogarithm ? clippedLog(prediction[j], clip, floor) : p)
            != prediction[j]
        gradient[j] = S.select(isOut, 0, coefficient * slope)
      }
    }
    if let gradient = row.gradient(1) {
      for j in 0..<count {
        let t = clipped(Target.probability(target[j]), clip)
        let excess = excess(prediction[j], target[j], t, clip, floor, epsilon)
        let slope = Target.isLogarithm ? t * (excess + 1) : excess + 1
        let isOut =
          t == 0
          || (Target.isLogarithm ? clippedLog(target[j], clip, floor) : t)
            != target[j]
        gradient[j] = S.select(isOut, 0, coefficient * slope)
      }
    }
    let sum = RowMath.sum(count: count) { j in
      let t = clipped(Target.probability(target[j]), clip)
      return S.select(t == 0, 0, t * excess(prediction[j], target[j], t, clip, floor, epsilon))
    }
    return S(sum.value)
  }

  @inlinable @inline(__always)
  func clipped<S: LossScalar>(_ p: S, _ clip: S) -> S {
    S.select(clip == 0, p, S.clamped(p, clip, 1))
  }

  /// The logarithm of a clipped probability, from its logarithm.
  @inlinable @inline(__always)
  func clippedLog<S: LossScalar>(_ logP: S, _ clip: S, _ floor: S) -> S {
    S.select(clip == 0, logP, S.clamped(logP, floor, 0))
  }

  /// `log t - log(p + ε)`, from whatever is given.
  @inlinable @inline(__always)
  func excess<S: LossScalar>(
    _ prediction: S, _ target: S, _ t: S, _ clip: S, _ floor: S, _ epsilon: S
  ) -> S {
    let p = clipped(Prediction.probability(prediction), clip) + epsilon
    if !Prediction.isLogarithm && !Target.isLogarithm { return S.logRatio(t, p) }
    let logT = Target.isLogarithm ? clippedLog(target, clip, floor) : S.log(t)
    let logP = Prediction.isLogarithm ? clippedLog(prediction, clip, floor) : S.log(p)
    return logT - logP
  }
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
