import LossCore

extension Law {
  /// Another order of the samples.
  static let permutationPermutes = Law(
    "permutation-permutes",
    "Permuting the samples permutes the terms and the gradients, and nothing else.",
    flavours: [.ordinary, .ties, .extreme], settings: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), extent > 1 else {
      return .silent
    }
    let order = Array(0..<extent).reversed().map { ($0 + 1) % extent }
    let roles = trial.differentiable
    let before = try trial.evaluate(.none, gradientsOf: roles)
    let after = try trial.evaluate(
      .none, trial.picking(order, along: axis), gradientsOf: roles)
    let terms = trial.picking(
      order, along: axis, of: before.value.doubles, before.value.shape, trial.termAxes)
    return LawVerdict(
      Agreement.complaint("after permuting, a term", after.value.doubles, terms)
        ?? Agreement.complaint(
          "after permuting, an element", after.slopes,
          trial.picking(order, along: axis, of: before.slopes)))
  }

  /// Each sample by itself.
  static let batchIsIndividuals = Law(
    "batch-is-individuals",
    "A batch has the terms and the gradients of its samples, each evaluated by itself.",
    flavours: [.ordinary, .ties, .zeros, .extreme], settings: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), extent > 1,
      trial.termAxes.contains(axis), !trial.subject.traits.contains(.couplesSamples)
    else { return .silent }
    let roles = trial.differentiable
    let batch = try trial.evaluate(.none, gradientsOf: roles)
    let shared = trial.shared(along: axis)
    var sums: [Role: [Double]] = [:]
    for sample in 0..<extent {
      let alone = try trial.evaluate(
        .none, trial.picking([sample], along: axis), gradientsOf: roles)
      let terms = trial.picking(
        [sample], along: axis, of: batch.value.doubles, batch.value.shape, trial.termAxes)
      let complaint =
        Agreement.complaint("sample \(sample) alone: a term", alone.value.doubles, terms)
        ?? Agreement.complaint(
          "sample \(sample) alone: an element",
          alone.slopes.filter { !shared.contains($0.key) },
          trial.picking([sample], along: axis, of: batch.slopes)
            .filter { !shared.contains($0.key) })
      if let complaint { return .broken(complaint) }
      for (role, numbers) in alone.slopes where shared.contains(role) {
        sums[role] = sums[role].map { zip($0, numbers).map { $0 + $1 } } ?? numbers
      }
    }
    return LawVerdict(
      Agreement.complaint(
        "the samples alone, added: an element", sums,
        batch.slopes.filter { shared.contains($0.key) }))
  }
}
