import LossCore

/// The probability of one class, its complement and its logarithm, each as exact as the input
/// allows.
struct ClassProbability<S: LossArithmetic> {
  let p: S
  let complement: S
  let logP: S

  @inline(__always)
  init(p: S, complement: S, logP: S) {
    self.p = p
    self.complement = complement
    self.logP = logP
  }
}

/// The loss of the true class as a function of its probability alone.
protocol ClassFormula: Sendable {
  /// The loss.
  func value<S: LossScalar>(_ probability: ClassProbability<S>) -> S
  /// The derivative with respect to the logarithm of the probability.
  func derivativeOfLog<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S
  /// The derivative with respect to the probability.
  func derivative<S: LossArithmetic>(_ probability: ClassProbability<S>) -> S
}

extension ClassFormula {
  /// `Σ weight · value` over the softmax of a row of logits; writes the requested gradients.
  func fromLogits<S: LossScalar>(_ row: Row<S>, _ targets: ClassTargets<S>) -> S {
    guard let input = row[0] else { return 0 }
    let largest = RowMath.maximum(input, count: row.count)
    let (top, best) = largest
    let sum = RowMath.sumExp(input, count: row.count, largest: largest)
    let scale = S.scale(below: top)
    let logOfSum = sum.logarithm
    let (normalizer, complementOfBest) = (S(1 / sum.total), S(sum.sumExcludingMax / sum.total))
    // Infinite logits are equal and exceed all others.
    let exponential = { (j: Int) -> S in
      top == .infinity ? (input[j] == top ? 1 : 0) : S.exp(input[j], scale)
    }
    let probabilities = { (j: Int) -> ClassProbability<S> in
      let p = exponential(j) * normalizer
      return ClassProbability(
        p: p, complement: j == best ? complementOfBest : 1 - p,
        logP: S.distance(of: input[j], to: top) - logOfSum)
    }
    let value = total(row, targets, probabilities)
    guard let gradient = row.gradient(0) else { return value }
    var others = 0.0
    for j in 0..<row.count where j != best {
      let weight = targets.weight(of: j)
      gradient[j] = weight == 0 ? 0 : weight * derivativeOfLog(probabilities(j))
      others += Double(gradient[j])
    }
    let bestTerm =
      targets.weight(of: best) == 0
      ? 0 : targets.weight(of: best) * derivativeOfLog(probabilities(best))
    let all = S(others + Double(bestTerm))
    for j in 0..<row.count where j != best {
      gradient[j] = row.gradientScale * (gradient[j] - exponential(j) * normalizer * all)
    }
    gradient[best] =
      row.gradientScale * (bestTerm * complementOfBest - probabilities(best).p * S(others))
    return value
  }

  /// `Σ weight · value` over a row of probabilities; writes the requested gradients.
  func fromProbabilities<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, epsilon: S
  ) -> S {
    guard let input = row[0] else { return 0 }
    let probabilities = { (j: Int) -> ClassProbability<S> in
      let q = input[j] + epsilon
      return ClassProbability(p: q, complement: S.relu(1 - input[j] - epsilon), logP: S.log(q))
    }
    if let gradient = row.gradient(0) {
      for j in 0..<row.count {
        let weight = targets.weight(of: j)
        gradient[j] = weight == 0 ? 0 : row.gradientScale * weight * derivative(probabilities(j))
      }
    }
    return total(row, targets, probabilities)
  }

  /// The sum over the classes; writes the gradient of a dense target if requested.
  @inline(__always)
  func total<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, _ probabilities: (Int) -> ClassProbability<S>
  ) -> S {
    var sum = 0.0
    for j in 0..<row.count {
      let weight = targets.weight(of: j)
      if weight != 0 { sum += Double(weight) * Double(value(probabilities(j))) }
    }
    if let gradient = row.gradient(1), let target = row[1] {
      for j in 0..<row.count {
        let value = value(probabilities(j))
        let isZeroTimesInfinity = target[j] == 0 && value == .infinity
        gradient[j] = isZeroTimesInfinity ? 0 : row.gradientScale * targets.classWeight(j) * value
      }
    }
    return S(sum)
  }
}

// Products of the Hessian with a vector: the derivatives above in dual numbers.
extension ClassFormula {
  /// The products for the softmax of a row of logits.
  func writeProductsFromLogits<S: LossScalar>(_ row: Row<S>, _ targets: ClassTargets<S>) {
    guard let input = row[0] else { return }
    let softmax = SoftmaxDirection(input, row.vector(0), count: row.count)
    let changes = targets.along(row.vector(1))
    // The gradient is `q D - p Σ q D` with D the derivative with respect to log p.
    if let product = row.gradient(0) {
      var (sum, sumOfChanges) = (0.0, 0.0)
      for j in 0..<row.count {
        let (weight, change) = (targets.weight(of: j), changes?.weight(of: j) ?? 0)
        product[j] = 0
        guard weight != 0 || change != 0 else { continue }
        let derivative = derivativeOfLog(softmax.classProbability(j).alongLog)
        let slope = S(softmax.logDerivative(j))
        let ownSlope = S.select(slope == 0, 0, derivative.derivative * slope)
        product[j] = weight * ownSlope + change * derivative.value
        sum += Double(weight) * Double(derivative.value)
        if j != softmax.best { sumOfChanges += Double(product[j]) }
      }
      let (scale, ofBest) = (row.gradientScale.asDouble, product[softmax.best].asDouble)
      let total = sumOfChanges + ofBest
      for j in 0..<row.count where j != softmax.best {
        let change = softmax.logDerivative(j) * sum + total
        let p = softmax.probability(j).asDouble
        product[j] = S(scale * (product[j].asDouble - p * change))
      }
      let change = softmax.logDerivative(softmax.best) * sum + sumOfChanges
      product[softmax.best] = S(
        scale
          * (ofBest * softmax.complementOfBest.asDouble
            - softmax.probabilityOfBest.asDouble * change))
    }
    guard let product = row.gradient(1) else { return }
    for j in 0..<row.count {
      let slope = S(softmax.logDerivative(j))
      product[j] =
        slope == 0
        ? 0
        : row.gradientScale * targets.classWeight(j) * targets.hardShare * slope
          * derivativeOfLog(softmax.classProbability(j))
    }
  }

  /// The products for a row of probabilities.
  func writeProductsFromProbabilities<S: LossScalar>(
    _ row: Row<S>, _ targets: ClassTargets<S>, epsilon: S
  ) {
    guard let input = row[0] else { return }
    let (vector, changes) = (row.vector(0), targets.along(row.vector(1)))
    for j in 0..<row.count {
      let (weight, change) = (targets.weight(of: j), changes?.weight(of: j) ?? 0)
      let v = vector?[j] ?? 0
      let x = DualNumber(input[j], derivative: v)
      let q = x + DualNumber(epsilon, derivative: 0)
      let derivative = derivative(
        ClassProbability(
          p: q, complement: .relu(1 - x - DualNumber(epsilon, derivative: 0)), logP: .log(q)))
      row.gradient(0)?[j] =
        row.gradientScale
        * ((weight == 0 ? 0 : weight * derivative.derivative)
          + (change == 0 ? 0 : change * derivative.value))
      row.gradient(1)?[j] =
        v == 0
        ? 0 : row.gradientScale * targets.classWeight(j) * targets.hardShare * v * derivative.value
    }
  }
}

extension ClassProbability where S: LossScalar {
  /// The same as functions of the logarithm.
  fileprivate var alongLog: ClassProbability<DualNumber<S>> {
    ClassProbability<DualNumber<S>>(
      p: DualNumber(p, derivative: p), complement: DualNumber(complement, derivative: -p),
      logP: DualNumber(logP, derivative: 1))
  }
}
