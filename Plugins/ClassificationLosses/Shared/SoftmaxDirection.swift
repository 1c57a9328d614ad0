import LossCore

/// The softmax of a row of logits, and the derivatives of its logarithms along a vector.
///
/// With `m` the number of the vector at the largest logit, `d log p_j` is `(v_j - m) - Σ p_i (v_i - m)`:
/// nothing cancels where one class dominates.
struct SoftmaxDirection<S: LossScalar> {
  /// The index of the largest logit.
  let best: Int
  /// The probability of the largest logit, and that of all others.
  let (probabilityOfBest, complementOfBest): (S, S)
  private let logits: UnsafePointer<S>
  private let vector: UnsafePointer<S>?
  private let top: S
  private let scale: ExponentialScale<S>
  private let normalizer: S
  private let origin: Double
  private let mean: Double
  private let logOfSum: S

  /// - Parameter vector: the vector; nil for zeros.
  init(_ logits: UnsafePointer<S>, _ vector: UnsafePointer<S>?, count: Int) {
    let (top, best) = RowMath.maximum(logits, count: count)
    let scale = S.scale(below: top)
    let origin = vector?[best] ?? 0
    let sum = RowMath.sumExp(logits, count: count, largest: (top, best))
    let normalizer = S(1 / sum.total)
    var mean = 0.0
    if let vector {
      let total = RowMath.sum(count: count) { start, count, terms in
        let (x, v) = (logits + start, vector + start)
        for j in 0..<count {
          let difference = v[j] - origin
          let exponential = Self.exponential(x[j], top, scale)
          terms[j] = S.select(difference == 0, 0, exponential * difference)
        }
      }
      mean = total.value / sum.total
    }
    self.best = best
    probabilityOfBest = S(sum.maxExponential / sum.total)
    complementOfBest = S(sum.sumExcludingMax / sum.total)
    logOfSum = sum.logarithm
    self.logits = logits
    self.vector = vector
    self.top = top
    self.scale = scale
    self.normalizer = normalizer
    self.origin = origin.asDouble
    self.mean = mean
  }

  /// Infinite logits are equal and exceed all others.
  @inline(__always)
  private static func exponential(_ x: S, _ top: S, _ scale: ExponentialScale<S>) -> S {
    top == .infinity ? (x == top ? 1 : 0) : S.exp(x, scale)
  }

  /// The probability of a class.
  @inline(__always)
  func probability(_ j: Int) -> S { Self.exponential(logits[j], top, scale) * normalizer }

  /// The probability of a class, its complement and its logarithm.
  @inline(__always)
  func classProbability(_ j: Int) -> ClassProbability<S> {
    let p = probability(j)
    return ClassProbability(
      p: p, complement: j == best ? complementOfBest : 1 - p,
      logP: S.distance(of: logits[j], to: top) - logOfSum)
  }

  /// The logarithm of the sum of all exponentials.
  var logSumExp: Double { top.asDouble + logOfSum.asDouble }
  /// The derivative of that along the vector.
  var changeOfLogSumExp: Double { origin + mean }

  /// The derivative of the logarithm of a probability along the vector.
  @inline(__always)
  func logDerivative(_ j: Int) -> Double { ((vector?[j].asDouble ?? 0) - origin) - mean }
}
