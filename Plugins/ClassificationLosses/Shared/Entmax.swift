import LossCore

/// The α-entmax of a row of scores, and its Fenchel-Young loss.
///
/// With `d` the scores minus the largest, the probabilities are `p[j] = probability(d[j] - c)`,
/// where `c` makes them sum to 1. The threshold τ is `top + c`; probabilities are 0 from
/// `τ - 1 / a` down. The largest probability depends on `c` alone, so that a confident prediction
/// loses no digit.
struct Entmax<Curve: TsallisCurve> {
  let curve: Curve
  /// The largest score and its index.
  let top: Double
  let best: Int
  /// `c`, which is subtracted from `d`.
  let threshold: Double

  /// Nil if the largest score is not finite. Uses one number of the workspace per class.
  init?<S: LossScalar>(_ curve: Curve, _ row: Row<S>) {
    guard let scores = row[0] else { return nil }
    let (top, best) = RowMath.maximum(scores, count: row.count)
    guard top.isFinite else { return nil }
    self.curve = curve
    self.top = top.asDouble
    self.best = best
    let workspace = row.workspace
    var count = 0
    for j in 0..<row.count {
      let difference = scores[j].asDouble - top.asDouble
      workspace[count] = difference
      count += j != best && difference > -1 / curve.a ? 1 : 0
    }
    threshold = Self.threshold(curve, others: workspace, count: count, classes: row.count)
  }

  /// Finds `c` from the `d` of the classes, other than the best, whose probability may be above 0;
  /// overwrites them.
  ///
  /// It is the root of `(‖1 + a (d - c)₊‖ - 1) / a` in the norm of exponent `1 / a`. For a up to 1
  /// this is convex and decreasing, so that Newton's steps from 0 approach the root from below.
  /// They are exact for equal scores, and for α of 1 and 2 while the set of classes does not
  /// change. For larger a, a step that leaves the bracket is replaced by bisection.
  static func threshold(
    _ curve: Curve, others: UnsafeMutablePointer<Double>, count: Int, classes: Int
  ) -> Double {
    let a = curve.a
    let logCount = Double.log(Double(classes))
    // The root is largest for equal scores; the factor allows for its rounding.
    let upperBound = a == 0 ? logCount : -Double.expMinusOne(-a * logCount) / a
    var (low, high) = (0.0, upperBound * (1 + 0x1p-48))
    var count = count
    var c = 0.0
    for _ in 0..<256 {
      let (sum, slope) = RowMath.sums(count: count) { start, count, probabilities, derivatives in
        for j in 0..<count {
          let x = others[start + j] - c
          let p = curve.probability(x)
          (probabilities[j], derivatives[j]) = (p, curve.derivative(x, p))
        }
      }
      let excess = sum.value + curve.probabilityMinusOne(-c)
      let derivative = slope.value + curve.derivative(-c, curve.probability(-c))
      let log = Double.log(onePlus: excess)
      let residual = a == 0 ? log : -Double.expMinusOne(-a * log) / a
      let step = (1 + excess) * residual / derivative
      // For a large a, even the best class may have a probability of 0 at the next number.
      if step.magnitude <= 0x1p-51 * c { return curve.probability(-(c + step)) > 0 ? c + step : c }
      if excess > 0 {
        low = c
        count = keep(others, count, above: c - 1 / a)
      } else {
        high = c
      }
      guard high - low > 0x1p-52 * high else { return low }
      c = c + step > low && c + step < high ? c + step : low + (high - low) / 2
    }
    return low
  }

  /// Drops the classes whose probability will stay 0.
  static func keep(
    _ differences: UnsafeMutablePointer<Double>, _ count: Int, above bound: Double
  ) -> Int {
    var kept = 0
    for j in 0..<count {
      let difference = differences[j]
      differences[kept] = difference
      kept += difference > bound ? 1 : 0
    }
    return kept
  }
}

extension Entmax {
  /// `Ω*(s) + Ω(y) - Σ y s` of a row; writes the requested gradients.
  ///
  /// It is a sum of terms of the classes, each at least 0, plus `(1 - Σ y) (τ - 1 / α)` for a
  /// target that does not sum to 1.
  static func loss<S: LossScalar>(
    _ curve: Curve, _ row: Row<S>, lessEntropy: Bool = true
  ) -> S {
    guard let scores = row[0], let entmax = Entmax(curve, row) else { return fillWithNaN(row) }
    let probabilities = row.workspace
    let origin = entmax.top
    let c = entmax.threshold
    for j in 0..<row.count {
      probabilities[j] = curve.probability((scores[j].asDouble - origin) - c)
    }
    let value: Double
    if let index = row.classIndex(1) {
      let targetTerm = curve.term(
        (scores[index].asDouble - origin) - c, probabilities[index], target: 1)
      let others = RowMath.sum(count: row.count) { start, count, terms in
        for j in start..<start + count {
          let term: Double = curve.term((scores[j].asDouble - origin) - c, probabilities[j])
          terms[j - start] = Double.select(j == index, 0, term)
        }
      }
      value = targetTerm + others.value
    } else if let target = row[1] {
      let terms = RowMath.sum(count: row.count) {
        (start, count, terms: UnsafeMutablePointer<Double>) in
        for j in start..<start + count {
          let x = (scores[j].asDouble - origin) - c
          terms[j - start] = curve.term(x, probabilities[j], target: target[j].asDouble)
        }
      }
      var missing = CompensatedSum()
      missing.add(1)
      for j in 0..<row.count { missing.add(-target[j].asDouble) }
      let negativeEntropy =
        lessEntropy
        ? 0
        : RowMath.sum(count: row.count) {
          (start, count, terms: UnsafeMutablePointer<Double>) in
          for j in 0..<count { terms[j] = curve.negativeEntropy(target[start + j].asDouble) }
        }.value
      let correction =
        missing.value == 0 ? 0 : missing.value * (origin + c - 1 / (1 + curve.a))
      value = (terms.value - negativeEntropy) + correction
      entmax.writeTargetGradient(row, scores, target, lessEntropy)
    } else {
      return 0
    }
    entmax.writeGradient(row)
    return S(value)
  }

  /// Writes `p - y`, from the probabilities in the workspace.
  func writeGradient<S: LossScalar>(_ row: Row<S>) {
    guard let gradient = row.gradient(0) else { return }
    let probabilities = row.workspace
    // For α above 2 the derivative is infinite at a probability of 0, so that with a rounded
    // threshold the sum may miss 1.
    let others = RowMath.sum(count: row.count) { start, count, terms in
      for j in start..<start + count {
        terms[j - start] = Double.select(j == best, 0, probabilities[j])
      }
    }.value
    let normalizer = 1 / (others + probabilities[best])
    let factor = row.gradientScale.asDouble
    let index = row.classIndex(1)
    let target = row[1]
    for j in 0..<row.count {
      let y = target.map { $0[j].asDouble } ?? 0
      gradient[j] = S(factor * (probabilities[j] * normalizer - y))
    }
    // p - 1 of the best class would cancel; it is minus the probability of the others.
    let complement = 1 - (target.map { $0[best].asDouble } ?? (index == best ? 1 : 0))
    gradient[best] = S(factor * (complement - others * normalizer))
    if let index, index != best {
      gradient[index] = S(factor * (probabilities[index] * normalizer - 1))
    }
  }

  /// Writes the derivative of `Ω` minus the score; 0 where the target is 0 and that is infinite.
  func writeTargetGradient<S: LossScalar>(
    _ row: Row<S>, _ scores: UnsafePointer<S>, _ target: UnsafePointer<S>, _ lessEntropy: Bool
  ) {
    guard let gradient = row.gradient(1) else { return }
    let factor = row.gradientScale.asDouble
    for j in 0..<row.count {
      let slope = lessEntropy ? curve.negativeEntropyDerivative(target[j].asDouble) : 0
      let derivative = slope - scores[j].asDouble
      gradient[j] = target[j] == 0 && derivative.isInfinite ? 0 : S(factor * derivative)
    }
  }

  /// NaN everywhere, for a row whose largest score is not finite.
  static func fillWithNaN<S: LossScalar>(_ row: Row<S>) -> S {
    for input in 0..<2 {
      guard let gradient = row.gradient(input) else { continue }
      for j in 0..<row.count { gradient[j] = .nan }
    }
    return .nan
  }
}
