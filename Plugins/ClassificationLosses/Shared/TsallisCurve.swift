import LossCore

/// The exponential of Tsallis, of which the shares of α-entmax are values; with `a = α - 1`
///
///     share(x) = (1 + a x)₊^(1 / a),  e^x for a of 0
protocol TsallisCurve: Sendable {
  /// α - 1, at least 0.
  var a: Double { get }
  /// The share of a class.
  func share(_ x: Double) -> Double
  /// `share(x) - 1`, exact where x is small.
  func excess(_ x: Double) -> Double
  /// The derivative of the share, `share^(1 - a)`; 0 where the share is 0.
  func derivative(_ x: Double, _ share: Double) -> Double
  /// What a class costs that the target gives nothing, `share^α / α`.
  func cost(_ x: Double, _ share: Double) -> Double
  /// What a class costs of which the target gives something: the divergence
  /// `(t^α + a share^α - α t share^a) / (α a)`, and t times what x lacks to the edge `- 1 / a`, below
  /// which the share is 0. No part of it is below 0.
  func cost(_ x: Double, _ share: Double, target t: Double) -> Double
}

/// α = 2: the shares are linear, those of sparsemax.
struct LinearCurve: TsallisCurve {
  init() {}
  var a: Double { 1 }

  @inline(__always)
  func share(_ x: Double) -> Double { Double.relu(1 + x) }

  @inline(__always)
  func excess(_ x: Double) -> Double { Double.maximumPropagatingNaN(x, -1) }

  @inline(__always)
  func derivative(_ x: Double, _ share: Double) -> Double { Double.select(share > 0, 1, 0) }

  @inline(__always)
  func cost(_ x: Double, _ share: Double) -> Double { share * share / 2 }

  @inline(__always)
  func cost(_ x: Double, _ share: Double, target t: Double) -> Double {
    let gap = excess(x) + (1 - t)
    return Double.select(t == 0, share * share, gap * gap) / 2 + lack(x, t)
  }
}

/// α = 1.5: the shares are squares.
struct SquareCurve: TsallisCurve {
  init() {}
  var a: Double { 0.5 }

  @inline(__always)
  func root(_ x: Double) -> Double { Double.relu(1 + x / 2) }

  @inline(__always)
  func share(_ x: Double) -> Double { root(x) * root(x) }

  @inline(__always)
  func excess(_ x: Double) -> Double {
    let half = Double.maximumPropagatingNaN(x / 2, -1)
    return half * (2 + half)
  }

  @inline(__always)
  func derivative(_ x: Double, _ share: Double) -> Double { root(x) }

  @inline(__always)
  func cost(_ x: Double, _ share: Double) -> Double { share * root(x) / 1.5 }

  /// `(√p - √t)² (√p + 2 √t) / 1.5`
  @inline(__always)
  func cost(_ x: Double, _ share: Double, target t: Double) -> Double {
    let own = t.squareRoot()
    let gap = Double.maximumPropagatingNaN(x / 2, -1) + (1 - own)
    let divergence = gap * gap * (root(x) + 2 * own) / 1.5
    return Double.select(t == 0, cost(x, share), divergence) + lack(x, t)
  }
}

/// α = 1: the shares of a softmax, none of which is 0.
struct ExponentialCurve: TsallisCurve {
  init() {}
  var a: Double { 0 }

  @inline(__always)
  func share(_ x: Double) -> Double { Double.exp(x) }

  @inline(__always)
  func excess(_ x: Double) -> Double { Double.expMinusOne(x) }

  @inline(__always)
  func derivative(_ x: Double, _ share: Double) -> Double { share }

  @inline(__always)
  func cost(_ x: Double, _ share: Double) -> Double { share }

  @inline(__always)
  func cost(_ x: Double, _ share: Double, target t: Double) -> Double {
    Double.relativeEntropy(t, share, logRatio: x - Double.log(t))
  }
}

/// Any α above 1.
struct PowerCurve: TsallisCurve {
  let a: Double

  init(a: Double) { self.a = a }

  /// `log share`; the logarithm of `1 + a x` would lose its digits where a is small.
  @inline(__always)
  func logarithm(_ x: Double) -> Double {
    Double.log(onePlus: Double.maximumPropagatingNaN(a * x, -1)) / a
  }

  @inline(__always)
  func share(_ x: Double) -> Double { Double.exp(logarithm(x)) }

  @inline(__always)
  func excess(_ x: Double) -> Double { Double.expMinusOne(logarithm(x)) }

  @inline(__always)
  func derivative(_ x: Double, _ share: Double) -> Double {
    Double.select(share > 0, share / (1 + a * x), 0)
  }

  @inline(__always)
  func cost(_ x: Double, _ share: Double) -> Double {
    share * Double.relu(1 + a * x) / (1 + a)
  }

  func cost(_ x: Double, _ share: Double, target t: Double) -> Double {
    if t == 0 { return cost(x, share) }
    let ratio = logarithm(x) - Double.log(t)
    if ratio >= 0.75 {
      // Far above the target, where a power of the ratio might overflow.
      let rest = Double.expMinusOne(-a * ratio) / a - 1
      return cost(x, share) * (1 + Double.exp(-ratio) * rest)
    }
    let unit = Double.exp((1 + a) * Double.log(t))
    if ratio > -0.75 {
      // Near the target, where the tangents of the two exponentials cancel.
      return unit * (Double.expRest((1 + a) * ratio) / (1 + a) - Double.expRest(a * ratio) / a)
    }
    // (1 - r^a (α - a r)) / (α a) of the ratio r.
    let rest = Double.log(onePlus: -a * Double.expMinusOne(ratio))
    return -unit * Double.expMinusOne(a * ratio + rest) / (a * (1 + a)) + lack(x, t)
  }
}

extension TsallisCurve {
  /// The target times what x lacks to the edge below which the share is 0.
  @inline(__always)
  func lack(_ x: Double, _ target: Double) -> Double {
    Double.select(target == 0, 0, target * Double.relu(-1 / a - x))
  }

  /// What a class adds to the negative entropy Ω of the target, `(t^α - t) / (α a)`.
  @inline(__always)
  func order(_ target: Double) -> Double {
    let log = Double.log(target)
    let rise = a == 0 ? log : Double.expMinusOne(a * log) / a
    return target == 0 ? 0 : target * rise / (1 + a)
  }

  /// The derivative of ``order(_:)``, `(α t^a - 1) / (α a)`.
  @inline(__always)
  func orderDerivative(_ target: Double) -> Double {
    let log = Double.log(target)
    return (a == 0 ? log : Double.expMinusOne(a * log) / a) + 1 / (1 + a)
  }
}
