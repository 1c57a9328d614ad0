public import LossCore

/// Jensen-Shannon divergence between two distributions, in nats.
///
/// Nothing cancels where the two distributions are close.
public struct JensenShannonLoss: RowwiseLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Share of the target in the mixture.
    public var beta = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      OptionField(
        "beta", \.beta, range: "a number above zero and below 1",
        "share of the target in the mixture"
      ) { $0 > 0 && $0 < 1 }
    ]
  }

  public static let metadata = LossMetadata(
    "jensen_shannon", "Jensen-Shannon divergence between two distributions, in nats.",
    formula: """
      Σ (beta target log(target / m) + (1 - beta) prediction log(prediction / m))
      m = beta target + (1 - beta) prediction
      """,
    domain: "Probabilities from 0 to 1; 0 log 0 is 0. Bounded by log 2.",
    gradient: """
      0 with respect to a probability of 0, where the \
      derivative is -∞ if the other one is above 0.
      """,
    usage: """
      Comparing distributions symmetrically with a bounded loss, such as \
      predictions for augmented views. kl_divergence is unbounded and asymmetric.
      """,
    related: ["kl_divergence", "total_variation", "generalized_kl_divergence"],
    alsoKnownAs: ["js", "jsd", "js_divergence"],
    references: [
      "J. Lin, Divergence Measures Based on the Shannon Entropy, 1991, doi:10.1109/18.61115"
    ])
  private static let rows = LossSignature(
    .real(.prediction, "... class", .distribution), .real(.target, "... class", .distribution),
    terms: "...", classAxis: "class")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .range(0...0.6931471805599454), .zeroAtTarget]
      + (options.beta == 0.5 ? [.symmetric] : [])
  }
  public var signature: LossSignature { Self.rows }

  public func term<S: LossScalar>(_ row: Row<S>) -> S {
    guard let prediction = row[0], let target = row[1] else { return 0 }
    let (beta, complement) = (S(options.beta), S(1 - options.beta))
    // log(m / x) of the mixture m of x and `other`.
    let logMixtureRatio = { (x: S, other: S, share: S, m: S) -> S in
      // Rounding the mixture would lose a small difference.
      let difference = share * (other - x)
      let near = S.log(onePlus: difference / x)
      return S.select(difference.magnitude < x / 2, near, S.logRatio(m, x))
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let (p, t) = (prediction[j], target[j])
        let logRatio = logMixtureRatio(p, t, beta, beta * t + complement * p)
        let derivative = -row.gradientScale * complement * logRatio
        gradient[j] = S.select(p == 0, 0, derivative)
      }
    }
    if let gradient = row.gradient(1) {
      for j in 0..<row.count {
        let (p, t) = (prediction[j], target[j])
        let logRatio = logMixtureRatio(t, p, complement, beta * t + complement * p)
        let derivative = -row.gradientScale * beta * logRatio
        gradient[j] = S.select(t == 0, 0, derivative)
      }
    }
    // relativeEntropy adds m - x to each part, so that none is negative; these sum to 0.
    let sum = RowMath.sum(count: row.count) { start, count, terms in
      for j in 0..<count {
        let (p, t) = (prediction[start + j], target[start + j])
        let m = beta * t + complement * p
        let first = S.relativeEntropy(t, m, logRatio: logMixtureRatio(t, p, complement, m))
        let second = S.relativeEntropy(p, m, logRatio: logMixtureRatio(p, t, beta, m))
        terms[j] = beta * first + complement * second
      }
    }
    return S(sum.value)
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  /// With the mixture `m` the gradients are `(1 - β) log(p / m)` and `β log(t / m)`.
  public func hessianVectorTerm<S: LossScalar>(_ row: Row<S>) -> S {
    let value = term(row)
    guard let prediction = row[0], let target = row[1] else { return value }
    let (beta, complement) = (S(options.beta), S(1 - options.beta))
    let factor = row.gradientScale * beta * complement
    let (u, v) = (row.vector(0), row.vector(1))
    for j in 0..<row.count {
      let (p, t) = (prediction[j], target[j])
      let mixture = beta * t + complement * p
      let (ofPrediction, ofTarget) = (u?[j] ?? 0, v?[j] ?? 0)
      // As in the gradient, a probability of 0 stays 0.
      row.gradient(0)?[j] =
        p == 0 ? 0 : factor * ((t == 0 ? 0 : t * (ofPrediction / p)) - ofTarget) / mixture
      row.gradient(1)?[j] =
        t == 0 ? 0 : factor * ((p == 0 ? 0 : p * (ofTarget / t)) - ofPrediction) / mixture
    }
    return value
  }
}
