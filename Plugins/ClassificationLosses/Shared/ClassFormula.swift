import LossCore

/// The probability of one class, what is left of it to 1, and its logarithm, each as exact as the
/// input allows.
struct ClassChance<S: LossScalar> {
  let p: S
  let rest: S
  let logP: S

  @inline(__always)
  init(p: S, rest: S, logP: S) {
    self.p = p
    self.rest = rest
    self.logP = logP
  }
}

/// What a class costs if it is the true one, as a function of its probability alone.
protocol ClassFormula: Sendable {
  /// The cost.
  func value<S: LossScalar>(_ chance: ClassChance<S>) -> S
  /// The derivative with respect to the logarithm of the probability.
  func slopeOfLog<S: LossScalar>(_ chance: ClassChance<S>) -> S
  /// The derivative with respect to the probability.
  func slope<S: LossScalar>(_ chance: ClassChance<S>) -> S
}

extension ClassFormula {
  /// `Σ mass · value` over the softmax of a row of logits; its gradients if wanted.
  func fromLogits<S: LossScalar>(_ row: Row<S>, _ targets: ClassTargets<S>) -> S {
    guard let input = row[0] else { return 0 }
    let largest = RowMath.maximum(input, count: row.count)
    let (top, best) = largest
    let sum = RowMath.sumExp(input, count: row.count, largest: largest)
    let scale = S.scale(below: top)
    let logOfSum = sum.logarithm
    let (share, rest) = (S(1 / sum.total), S(sum.rest / sum.total))
    let chances = { (j: Int) -> ClassChance<S> in
      let p = S.exp(input[j], scale) * share
      return ClassChance(
        p: p, rest: j == best ? rest : 1 - p, logP: (input[j] - top) - logOfSum)
    }
    let value = total(row, targets, chances)
    guard let gradient = row.gradient(0) else { return value }
    var others = 0.0
    for j in 0..<row.count where j != best {
      let mass = targets.mass(j)
      gradient[j] = mass == 0 ? 0 : mass * slopeOfLog(chances(j))
      others += Double(gradient[j])
    }
    let own = targets.mass(best) == 0 ? 0 : targets.mass(best) * slopeOfLog(chances(best))
    let all = S(others + Double(own))
    for j in 0..<row.count where j != best {
      gradient[j] = row.coefficient * (gradient[j] - S.exp(input[j], scale) * share * all)
    }
    gradient[best] = row.coefficient * (own * rest - chances(best).p * S(others))
    return value
  }

  /// `Σ mass · value` over a row of probabilities as they are; its gradients if wanted.
  func fromProbabilities<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, epsilon: S
  ) -> S {
    guard let input = row[0] else { return 0 }
    let chances = { (j: Int) -> ClassChance<S> in
      let q = input[j] + epsilon
      return ClassChance(p: q, rest: S.positivePart(1 - input[j] - epsilon), logP: S.log(q))
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let mass = targets.mass(j)
        gradient[j] = mass == 0 ? 0 : row.coefficient * mass * slope(chances(j))
      }
    }
    return total(row, targets, chances)
  }

  /// The sum over the classes; the gradient of a dense target if wanted.
  @inline(__always)
  func total<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, _ chances: (Int) -> ClassChance<S>
  ) -> S {
    var sum = 0.0
    for j in 0..<row.count {
      let mass = targets.mass(j)
      if mass != 0 { sum += Double(mass) * Double(value(chances(j))) }
    }
    if let gradient = row.gradient(1), let target = row[1] {
      for j in 0..<row.count {
        let value = value(chances(j))
        let isOut = target[j] == 0 && value == .infinity
        gradient[j] = isOut ? 0 : row.coefficient * targets.weight(j) * value
      }
    }
    return S(sum)
  }
}
