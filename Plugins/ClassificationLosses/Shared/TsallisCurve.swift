import LossCore

/// The Tsallis exponential, which gives the probabilities of α-entmax; with `a = α - 1`
///
///     probability(x) = (1 + a x)₊^(1 / a),  e^x for a of 0
protocol TsallisCurve: Sendable {
  /// α - 1, at least 0.
  var a: Double { get }
  /// The probability of a class.
  func probability(_ x: Double) -> Double
  /// `probability(x) - 1`, exact where x is small.
  func probabilityMinusOne(_ x: Double) -> Double
  /// The derivative of the probability, `p^(1 - a)`; 0 where the probability is 0.
  func derivative(_ x: Double, _ p: Double) -> Double
  /// The term of a class with a target of 0, `p^α / α`.
  func term(_ x: Double, _ p: Double) -> Double
  /// The term of a class with a target: the divergence `(t^α + a p^α - α t p^a) / (α a)`, plus t
  /// times the distance of x below `- 1 / a`, where the probability becomes 0. Neither is negative.
  func term(_ x: Double, _ p: Double, target t: Double) -> Double
}

/// α = 2, sparsemax: the probabilities are linear.
struct LinearCurve: TsallisCurve {
  init() {}
  var a: Double { 1 }

  @inline(__always)
  func probability(_ x: Double) -> Double { Double.relu(1 + x) }

  @inline(__always)
  func probabilityMinusOne(_ x: Double) -> Double { Double.maximumPropagatingNaN(x, -1) }

  @inline(__always)
  func derivative(_ x: Double, _ p: Double) -> Double { Double.select(p > 0, 1, 0) }

  @inline(__always)
  func term(_ x: Double, _ p: Double) -> Double { p * p / 2 }

  @inline(__always)
  func term(_ x: Double, _ p: Double, target t: Double) -> Double {
    let difference = probabilityMinusOne(x) + (1 - t)
    return Double.select(t == 0, p * p, difference * difference) / 2 + thresholdTerm(x, t)
  }
}

/// α = 1.5: the probabilities are squares.
struct SquareCurve: TsallisCurve {
  init() {}
  var a: Double { 0.5 }

  @inline(__always)
  func root(_ x: Double) -> Double { Double.relu(1 + x / 2) }

  @inline(__always)
  func probability(_ x: Double) -> Double { root(x) * root(x) }

  @inline(__always)
  func probabilityMinusOne(_ x: Double) -> Double {
    let half = Double.maximumPropagatingNaN(x / 2, -1)
    return half * (2 + half)
  }

  @inline(__always)
  func derivative(_ x: Double, _ p: Double) -> Double { root(x) }

  @inline(__always)
  func term(_ x: Double, _ p: Double) -> Double { p * root(x) / 1.5 }

  /// `(√p - √t)² (√p + 2 √t) / 1.5`
  @inline(__always)
  func term(_ x: Double, _ p: Double, target t: Double) -> Double {
    let rootOfTarget = t.squareRoot()
    let difference = Double.maximumPropagatingNaN(x / 2, -1) + (1 - rootOfTarget)
    let divergence = difference * difference * (root(x) + 2 * rootOfTarget) / 1.5
    return Double.select(t == 0, term(x, p), divergence) + thresholdTerm(x, t)
  }
}

/// α = 1, softmax: no probability is 0.
struct ExponentialCurve: TsallisCurve {
  init() {}
  var a: Double { 0 }

  @inline(__always)
  func probability(_ x: Double) -> Double { Double.exp(x) }

  @inline(__always)
  func probabilityMinusOne(_ x: Double) -> Double { Double.expMinusOne(x) }

  @inline(__always)
  func derivative(_ x: Double, _ p: Double) -> Double { p }

  @inline(__always)
  func term(_ x: Double, _ p: Double) -> Double { p }

  @inline(__always)
  func term(_ x: Double, _ p: Double, target t: Double) -> Double {
    Double.relativeEntropy(t, p, logRatio: x - Double.log(t))
  }
}

/// Any α above 1.
struct PowerCurve: TsallisCurve {
  let a: Double

  init(a: Double) { self.a = a }

  /// `log p`; `log(1 + a x)` of the rounded sum would lose digits where a is small.
  @inline(__always)
  func logarithm(_ x: Double) -> Double {
    Double.log(onePlus: Double.maximumPropagatingNaN(a * x, -1)) / a
  }

  @inline(__always)
  func probability(_ x: Double) -> Double { Double.exp(logarithm(x)) }

  @inline(__always)
  func probabilityMinusOne(_ x: Double) -> Double { Double.expMinusOne(logarithm(x)) }

  @inline(__always)
  func derivative(_ x: Double, _ p: Double) -> Double {
    Double.select(p > 0, p / (1 + a * x), 0)
  }

  @inline(__always)
  func term(_ x: Double, _ p: Double) -> Double {
    p * Double.relu(1 + a * x) / (1 + a)
  }

  func term(_ x: Double, _ p: Double, target t: Double) -> Double {
    if t == 0 { return term(x, p) }
    let ratio = logarithm(x) - Double.log(t)
    if ratio >= 0.75 {
      // Far above the target a power of the ratio could overflow.
      let difference = Double.expMinusOne(-a * ratio) / a - 1
      return term(x, p) * (1 + Double.exp(-ratio) * difference)
    }
    let unit = Double.exp((1 + a) * Double.log(t))
    if ratio > -0.75 {
      // Near the target the linear parts of the two exponentials would cancel.
      return unit * (Double.expRest((1 + a) * ratio) / (1 + a) - Double.expRest(a * ratio) / a)
    }
    // (1 - r^a (α - a r)) / (α a) with r = e^ratio.
    let logOfFactor = Double.log(onePlus: -a * Double.expMinusOne(ratio))
    return -unit * Double.expMinusOne(a * ratio + logOfFactor) / (a * (1 + a)) + thresholdTerm(x, t)
  }
}

extension TsallisCurve {
  /// The target times the distance of x below `- 1 / a`, where the probability becomes 0.
  @inline(__always)
  func thresholdTerm(_ x: Double, _ target: Double) -> Double {
    Double.select(target == 0, 0, target * Double.relu(-1 / a - x))
  }

  /// The term of a class in the negative entropy Ω of the target, `(t^α - t) / (α a)`.
  @inline(__always)
  func negativeEntropy(_ target: Double) -> Double {
    let log = Double.log(target)
    let tsallisLog = a == 0 ? log : Double.expMinusOne(a * log) / a
    return target == 0 ? 0 : target * tsallisLog / (1 + a)
  }

  /// The derivative of ``negativeEntropy(_:)``, `(α t^a - 1) / (α a)`.
  @inline(__always)
  func negativeEntropyDerivative(_ target: Double) -> Double {
    let log = Double.log(target)
    return (a == 0 ? log : Double.expMinusOne(a * log) / a) + 1 / (1 + a)
  }
}
