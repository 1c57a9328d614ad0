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

extension ClassProbability where S: LossScalar {
  /// The probability of a class by its logit, from the maximum of its row and the sum of the row's
  /// exponentials.
  @inline(__always)
  init(_ logit: S, below top: S, _ sum: ExponentialSum<S>) {
    let scale = S.scale(below: top)
    let ratio = S.exp(logit, scale).asDouble / S.exp(top, scale).asDouble
    // Infinite logits are equal and exceed all others.
    let share = Double.select(logit == top, 1, Double.select(top == .infinity, 0, ratio))
    p = S(share * (sum.maxExponential / sum.total))
    // 1 - p would cancel for p near 1; it is the probability of the other classes.
    complement = S.select(logit == top, S(sum.sumExcludingMax / sum.total), 1 - p)
    logP = S.distance(of: logit, to: top) - sum.logarithm
  }
}

extension ExponentialSum {
  /// Makes the exponentials of some classes the gradient `factor (p - 1)` of the class with this
  /// index, and `factor p` of the others.
  @inline(__always)
  func scale(
    _ exponentials: UnsafeMutablePointer<S>, count: Int, _ factor: S, index: Int?, isLargest: Bool
  ) {
    let scale = S(factor.asDouble / total)
    for j in 0..<count { exponentials[j] *= scale }
    guard let index else { return }
    let gradient = exponentials + index
    gradient.pointee = gradientOfTarget(gradient.pointee, factor, isLargest: isLargest)
  }

  /// `factor (p - 1)` from `factor p`. For the largest logit that would cancel; it is minus the
  /// probability of the other classes.
  @inline(__always)
  func gradientOfTarget(_ gradient: S, _ factor: S, isLargest: Bool) -> S {
    S.select(isLargest, -S(factor.asDouble * (sumExcludingMax / total)), gradient - factor)
  }
}

extension ClassFormula {
  /// `Σ weight · value` over the softmax of a row of logits; writes the requested gradients.
  func fromLogits<S: LossScalar>(_ row: Row<S>, _ targets: ClassTargets<S>) -> S {
    if let index = targets.index {
      return fromLogits(row, index: index, weight: targets.classWeight(index))
    }
    guard let logits = row[0] else { return 0 }
    let (top, sum) = RowMath.exponentials(logits, count: row.count, into: row.gradient(0))
    let probability = { (j: Int) in ClassProbability(logits[j], below: top, sum) }
    let value = total(row, targets, probability)
    guard let gradient = row.gradient(0) else { return value }
    let best = RowMath.maximum(logits, count: row.count).index
    // The gradient is `q D - p Σ q D` with D the derivative with respect to log p.
    func weighted(_ j: Int) -> S {
      let weight = targets.weight(of: j)
      return weight == 0 ? 0 : weight * derivativeOfLog(probability(j))
    }
    var others = 0.0
    for j in 0..<row.count where j != best { others += Double(weighted(j)) }
    let ofBest = weighted(best)
    let all = others + Double(ofBest)
    let scale = S(-row.gradientScale.asDouble * all / sum.total)
    for j in 0..<row.count { gradient[j] *= scale }
    for j in 0..<row.count where j != best && targets.weight(of: j) != 0 {
      gradient[j] = row.gradientScale * (weighted(j) - probability(j).p * S(all))
    }
    let share = probability(best)
    gradient[best] = row.gradientScale * (ofBest * share.complement - share.p * S(others))
    return value
  }

  /// `weight · value` of a class index; writes the requested gradient.
  func fromLogits<S: LossScalar>(_ row: Row<S>, index: Int, weight: S) -> S {
    guard let logits = row[0] else { return 0 }
    let logit = logits[index]
    let (top, sum) = RowMath.exponentials(logits, count: row.count, into: row.gradient(0))
    let probability = ClassProbability(logit, below: top, sum)
    if let gradient = row.gradient(0) {
      let factor = weight * row.gradientScale * -derivativeOfLog(probability)
      sum.scale(gradient, count: row.count, factor, index: index, isLargest: logit == top)
    }
    return S.product(weight: weight, value(probability))
  }

  /// The same for the class indices of sixteen rows of few classes, with the same bits.
  @inline(__always)
  func fromLogits<S: LossScalar>(
    _ rows: RowGroup<S>, _ weights: [Double], into terms: UnsafeMutablePointer<S>
  ) {
    let (count, sums) = (RowGroup<S>.count, rows.sums)
    withUnsafeTemporaryAllocation(of: S.self, capacity: 3 * count) { memory in
      guard let logits = memory.baseAddress else { return }
      let (factors, scales) = (logits + count, logits + 2 * count)
      for row in 0..<count {
        let index = rows.classIndex(1, row)
        logits[row] = rows[row, index]
        factors[row] = weights.isEmpty ? 1 : S(weights[index])
      }
      for row in 0..<count {
        let probability = ClassProbability(logits[row], below: sums.maxima[row], sums[row])
        terms[row] = S.product(weight: factors[row], value(probability))
      }
      guard rows.wantsGradient else { return }
      for row in 0..<count {
        let probability = ClassProbability(logits[row], below: sums.maxima[row], sums[row])
        factors[row] = factors[row] * rows.gradientScale(row) * -derivativeOfLog(probability)
        scales[row] = S(factors[row].asDouble / sums[row].total)
      }
      rows.scaleGradient(scales)
      for row in 0..<count {
        let gradient = rows.gradient(row, rows.classIndex(1, row))
        gradient.pointee = sums[row].gradientOfTarget(
          gradient.pointee, factors[row], isLargest: logits[row] == sums.maxima[row])
      }
    }
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
