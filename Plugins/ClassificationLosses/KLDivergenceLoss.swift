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
  /// Two distributions a row.
  public var signature: LossSignature {
    Self.rows[options.logPrediction ? 1 : 0][options.logTarget ? 1 : 0]
  }

  /// The divergence of one row; its gradients if wanted.
  @inlinable
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    let clip = S(options.clip)
    var sum = 0.0
    for j in 0..<row.count {
      let t = probability(target[j], isLog: options.logTarget, clip)
      let p = probability(prediction[j], isLog: options.logPrediction, clip)
      let excess = excess(prediction[j], target[j], p, t)
      if t != 0 { sum += Double(t) * Double(excess) }
      if let gradient = row.gradient(0) {
        let isFree = options.logPrediction || clip == 0 || p == prediction[j]
        let slope = options.logPrediction ? -t : -t / (p + options.epsilon(S.self))
        gradient[j] = t == 0 || !isFree ? 0 : row.coefficient * slope
      }
      if let gradient = row.gradient(1) {
        let isFree = options.logTarget || clip == 0 || t == target[j]
        let slope = options.logTarget ? t * (excess + 1) : excess + 1
        gradient[j] = t == 0 || !isFree ? 0 : row.coefficient * slope
      }
    }
    return S(sum)
  }

  @inlinable @inline(__always)
  func probability<S: LossScalar>(_ x: S, isLog: Bool, _ clip: S) -> S {
    let p = isLog ? S.exp(x) : x
    return clip == 0 ? p : S.clamped(p, clip, 1)
  }

  /// `log t - log(p + ε)`, from whatever is given.
  @inlinable @inline(__always)
  func excess<S: LossScalar>(_ prediction: S, _ target: S, _ p: S, _ t: S) -> S {
    if !options.logPrediction && !options.logTarget {
      return S.logRatio(t, p + options.epsilon(S.self))
    }
    let logT = options.logTarget ? target : S.log(t)
    let logP = options.logPrediction ? prediction : S.log(p + options.epsilon(S.self))
    return logT - logP
  }
}
