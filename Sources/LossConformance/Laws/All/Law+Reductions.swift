import LossCore

extension Law {
  /// Compares the reductions with the terms.
  static let reductionsAgree = Law(
    "reductions-agree",
    "The sum is the sum of the terms; each mean is the sum divided by its divisor, in value and"
      + " gradient.",
    shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    try LawVerdict(ReductionCheck(trial).failureMessage())
  }
}

/// Compares the reductions of one trial, with random weights.
private struct ReductionCheck {
  let trial: PropertyTrial
  let terms: [Double]
  let weighted: LossInputs
  let weights: [Double]
  let shape: Shape

  init(_ trial: PropertyTrial) throws(LossError) {
    self.trial = trial
    let result = try trial.evaluate(.unreduced)
    terms = result.value.doubles
    shape = result.value.shape
    var generator = trial.generator
    weights = generator.numbers(0.5...2, terms.count)
    var inputs = trial.inputs
    inputs[.weight] = .float64(Tensor(trusted: shape, weights))
    weighted = inputs
  }

  func failureMessage() throws(LossError) -> String? {
    guard !terms.isEmpty, terms.allSatisfy(\.isFinite) else { return nil }
    let products = zip(terms, weights).map(*)
    let none = try trial.evaluate(.unreduced, weighted)
    if let found = Agreement.failureMessage("a weighted term", none.value.doubles, products) {
      return found
    }
    let roles = trial.differentiable
    let sum = try trial.evaluate(.sum, weighted, gradientsOf: roles)
    let scale = products.map(\.magnitude).reduce(0, +)
    if let found = Agreement.failureMessage(
      "the sum", sum.value.doubles, [products.reduce(0, +)], scale: scale)
    {
      return found
    }
    for (kind, divisor) in try divisors() {
      let mean = try trial.evaluate(kind, weighted, gradientsOf: roles)
      let label = "the \(kind.rawValue), with divisor \(divisor),"
      let expected = sum.value.doubles.map { divisor == 0 ? 0 : $0 / divisor }
      if let found = Agreement.failureMessage(
        label, mean.value.doubles, expected, scale: divisor == 0 ? 0 : scale / divisor)
      {
        return found
      }
      let derivatives = sum.derivatives.mapValues { $0.map { divisor == 0 ? 0 : $0 / divisor } }
      if let found = Agreement.failureMessage(label, mean.derivatives, derivatives) { return found }
    }
    return nil
  }

  /// The divisor of each mean.
  ///
  /// A loss may remove terms (an ignored class) and have term weights of its own (class weights). Both
  /// are found by averaging each term alone: a removed term leaves an empty mean, and a weighted mean
  /// reveals the term weight.
  private func divisors() throws(LossError) -> [(Reduction.Kind, Double)] {
    var counted: [Int] = []
    var normalizer: Double? = 0
    for term in terms.indices {
      var alone = trial.inputs
      alone[.weight] = .float64(
        Tensor(trusted: shape, terms.indices.map { $0 == term ? 1 : 0 }))
      let policy = Reduction(.weightedMean, whenEmpty: .nan)
      let mean = try trial.subject.loss.evaluate(alone, reduction: policy).value.doubles[0]
      if try isRemoved(term, weightedMean: mean) { continue }
      counted.append(term)
      // A term that depends on the others is another number without them.
      let isItself = try trial.evaluate(.unreduced, alone).value.doubles[term] == terms[term]
      if !isItself || terms[term] == 0 || mean == 0 || mean.isNaN {
        normalizer = nil
      } else {
        normalizer = normalizer.map { $0 + weights[term] * terms[term] / mean }
      }
    }
    let perSample = max(1, shape.count / max(1, shape.extents.first ?? 1))
    let samples = Set(counted.map { $0 / perSample }).count
    let means: [(Reduction.Kind, Double)] = [
      (.mean, Double(counted.count)), (.batchMean, Double(samples)),
    ]
    return means + (normalizer.map { [(.weightedMean, $0)] } ?? [])
  }

  /// Whether the loss itself removes a term: the mean over this term alone is empty.
  ///
  /// An element mask keeps the terms of empty regions; the weighted mean of the term decides there.
  private func isRemoved(_ term: Int, weightedMean mean: Double) throws(LossError) -> Bool {
    guard terms[term] == 0 else { return false }
    guard trial.subject.signature.maskCovers == .terms else { return mean.isNaN }
    var inputs = trial.inputs
    inputs[.mask] = .bool(Tensor(trusted: shape, terms.indices.map { $0 == term }))
    let policy = Reduction(.mean, whenEmpty: .nan)
    return try trial.subject.loss.evaluate(inputs, reduction: policy).value.doubles[0].isNaN
  }
}
