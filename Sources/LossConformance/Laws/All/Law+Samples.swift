import LossCore

extension Law {
  /// Compares permuted samples with permuted results.
  static let permutationPermutes = Law(
    "permutation-permutes",
    "Permuting the samples permutes the terms and the gradients.",
    distributions: [.ordinary, .ties, .extreme], shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), extent > 1 else {
      return .notApplicable
    }
    let order = Array(0..<extent).reversed().map { ($0 + 1) % extent }
    let roles = trial.differentiable
    let before = try trial.evaluate(.unreduced, gradientsOf: roles)
    let after = try trial.evaluate(
      .unreduced, trial.selecting(order, along: axis), gradientsOf: roles)
    let terms = trial.selecting(
      order, along: axis, of: before.value.doubles, before.value.shape, trial.termAxes)
    return LawVerdict(
      Agreement.failureMessage("after permuting, a term", after.value.doubles, terms)
        ?? Agreement.failureMessage(
          "after permuting, an element", after.derivatives,
          trial.selecting(order, along: axis, of: before.derivatives)))
  }

  /// Compares a batch with its individual samples.
  static let batchIsIndividuals = Law(
    "batch-is-individuals",
    "A batch has the terms and gradients of its samples, each evaluated alone.",
    distributions: [.ordinary, .ties, .zeros, .extreme], shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), extent > 1,
      trial.termAxes.contains(axis), !trial.subject.properties.contains(.batchDependent)
    else { return .notApplicable }
    let roles = trial.differentiable
    let batch = try trial.evaluate(.unreduced, gradientsOf: roles)
    let shared = trial.shared(along: axis)
    var sums: [Role: [Double]] = [:]
    for sample in 0..<extent {
      let alone = try trial.evaluate(
        .unreduced, trial.selecting([sample], along: axis), gradientsOf: roles)
      let terms = trial.selecting(
        [sample], along: axis, of: batch.value.doubles, batch.value.shape, trial.termAxes)
      let failureMessage =
        Agreement.failureMessage("sample \(sample) alone: a term", alone.value.doubles, terms)
        ?? Agreement.failureMessage(
          "sample \(sample) alone: an element",
          alone.derivatives.filter { !shared.contains($0.key) },
          trial.selecting([sample], along: axis, of: batch.derivatives)
            .filter { !shared.contains($0.key) })
      if let failureMessage { return .failed(failureMessage) }
      for (role, numbers) in alone.derivatives where shared.contains(role) {
        sums[role] = sums[role].map { zip($0, numbers).map { $0 + $1 } } ?? numbers
      }
    }
    return LawVerdict(
      Agreement.failureMessage(
        "the sum over individual samples: an element", sums,
        batch.derivatives.filter { shared.contains($0.key) }))
  }
}
