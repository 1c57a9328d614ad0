public import LossCore

/// How much two distributions differ from their mixture, in nats: bounded and never infinite.
///
///     Σ (β target log(target / m) + (1 - β) prediction log(prediction / m))
///
/// with the mixture `m = β target + (1 - β) prediction`.
///
/// - Shape: prediction and target `[..., class]`, equal; one term a row.
/// - Domain: probabilities from 0 to 1; `0 log 0 = 0`.
/// - Accuracy: where the two are close nothing cancels.
/// - Gradient: `(1 - β) log(prediction / m)`, for the target `β log(target / m)`; 0 where the number
///   is 0, though the slope there is -∞ if the other is not.
/// - Reference: J. Lin, "Divergence Measures Based on the Shannon Entropy", 1991,
///   doi:10.1109/18.61115.
public struct JensenShannonLoss: RowwiseLoss {
  /// The mixture.
  public struct Options: LossOptions {
    /// How much of the mixture is target.
    public var beta = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "beta", \.beta, range: "a number above zero and below 1",
        "how much of the mixture is target"
      ) { $0 > 0 && $0 < 1 }
    ]
  }

  public static let metadata = LossMetadata(
    "jensen_shannon", "How much two distributions differ from their mixture, in nats.",
    formula: """
      Σ (beta target log(target / m) + (1 - beta) prediction log(prediction / m))
      m = beta target + (1 - beta) prediction
      """,
    domain: "Probabilities from 0 to 1; 0 log 0 is 0.",
    references: ["J. Lin, Divergence Measures Based on the Shannon Entropy, 1991"])
  private static let rows = LossSignature(
    .real(.prediction, "... class", .distribution), .real(.target, "... class", .distribution),
    terms: "...", classAxis: "class")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .range(0...0.6931471805599454), .zeroAtTarget]
      + (options.beta == 0.5 ? [.symmetric] : [])
  }
  /// Two distributions a row.
  public var signature: LossSignature { Self.rows }

  /// The divergence of one row; its gradients if wanted.
  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    let (beta, rest) = (S(options.beta), S(1 - options.beta))
    // log(m / x) for the number x that has this other one beside it.
    let gap = { (x: S, other: S, share: S, m: S) -> S in
      let distance = other - x
      // The mixture would round away by how little the two differ.
      let near = S.log(onePlus: share * distance / x)
      return S.select(distance.magnitude < x / 2, near, S.logRatio(m, x))
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let (p, t) = (prediction[j], target[j])
        let derivative = -row.gradientScale * rest * gap(p, t, beta, beta * t + rest * p)
        gradient[j] = S.select(p == 0, 0, derivative)
      }
    }
    if let gradient = row.gradient(1) {
      for j in 0..<row.count {
        let (p, t) = (prediction[j], target[j])
        let derivative = -row.gradientScale * beta * gap(t, p, rest, beta * t + rest * p)
        gradient[j] = S.select(t == 0, 0, derivative)
      }
    }
    // Each part has what it lacks to be at least 0; these supplements add up to 0.
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        let (p, t) = (prediction[start + j], target[start + j])
        let m = beta * t + rest * p
        let first = S.relativeEntropy(t, m, logRatio: gap(t, p, rest, m))
        let second = S.relativeEntropy(p, m, logRatio: gap(p, t, beta, m))
        terms[j] = beta * first + rest * second
      }
    }
    return S(sum.value)
  }
}
