import LossCore

extension Law {
  /// Compares weights of 2 and 0 with repeated and removed samples.
  static let weightIsRepetition = Law(
    "weight-is-repetition",
    "A weight of 2 equals repeating the sample, a weight of 0 removing it, whatever it holds.",
    distributions: [.ordinary, .ties, .zeros], shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), extent > 1,
      trial.termAxes.contains(axis), !trial.subject.properties.contains(.batchDependent)
    else { return .notApplicable }
    let chosen = Int(trial.seed % UInt64(extent))
    let shape = try trial.evaluate(.unreduced).value.shape
    let position = trial.termAxes.firstIndex(of: axis) ?? 0
    let inner = shape.extents[(position + 1)...].reduce(1, *)
    let roles = trial.differentiable
    for weight in [2.0, 0] {
      var inputs =
        weight == 0
        ? trial.corrupted(
          chosen, along: axis, by: .nan, withClasses: trial.subject.signature.maskCovers == .terms)
        : trial.inputs
      inputs[.weight] = .float64(
        Tensor(
          trusted: shape, (0..<shape.count).map { $0 / inner % extent == chosen ? weight : 1 }))
      let order = (0..<extent).flatMap { sample in
        Array(repeating: sample, count: sample == chosen ? Int(weight) : 1)
      }
      let repeated = trial.selecting(order, along: axis)
      for kind in [Reduction.Kind.sum, .weightedMean] {
        let weighted = try trial.evaluate(kind, inputs, gradientsOf: roles)
        let unweighted = try trial.evaluate(kind, repeated, gradientsOf: roles)
        let note = "with weight \(OptionValue.number(weight).text) for sample \(chosen),"
        // The gradients of both copies of a sample are added.
        let derivatives = trial.with(repeated).scatterAdding(
          unweighted.derivatives, along: axis, order: order, extent: extent)
        let failureMessage =
          Agreement.failureMessage(
            "\(note) the \(kind.rawValue)", weighted.value.doubles, unweighted.value.doubles)
          ?? Agreement.failureMessage(
            "\(note) \(kind.rawValue): an element", weighted.derivatives, derivatives)
        if let failureMessage { return .failed(failureMessage) }
      }
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The gradients of repeated samples, summed for each original sample.
  fileprivate func scatterAdding(
    _ derivatives: [Role: [Double]], along axis: LawAxis, order: [Int], extent: Int
  ) -> [Role: [Double]] {
    var sumsByRole: [Role: [Double]] = [:]
    for (role, numbers) in derivatives {
      guard let shape = inputs[role]?.shape, let position = axes(of: role).firstIndex(of: axis)
      else {
        sumsByRole[role] = numbers
        continue
      }
      let inner = shape.extents[(position + 1)...].reduce(1, *)
      let outer = shape.extents[..<position].reduce(1, *)
      var sums = Array(repeating: 0.0, count: outer * extent * inner)
      for (index, number) in numbers.enumerated() {
        let outerIndex = index / (inner * order.count)
        let sample = order[index / inner % order.count]
        sums[(outerIndex * extent + sample) * inner + index % inner] += number
      }
      sumsByRole[role] = sums
    }
    return sumsByRole
  }
}
