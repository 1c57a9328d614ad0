import LossCore

extension Law {
  /// Compares masked, corrupted samples with removed samples.
  static let maskIsRemoval = Law(
    "mask-is-removal",
    "Masking a sample equals removing it, whatever it holds: NaN, infinity, an invalid class.",
    distributions: [.ordinary, .ties, .extreme], shapes: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let removal = SampleRemoval(trial) else { return .notApplicable }
    for corruption in [Double.nan, .infinity] {
      for kind in Reduction.Kind.allCases {
        if let failureMessage = try removal.failureMessage(kind, corruption: corruption) {
          return .failed(failureMessage)
        }
      }
    }
    return .holds
  }
}

/// One sample of a trial, removed by a mask and removed from the inputs.
private struct SampleRemoval {
  let trial: PropertyTrial
  let axis: LawAxis
  let removed: Int
  let kept: [Int]
  let mask: AnyTensor

  init?(_ trial: PropertyTrial) {
    let coversTerms = trial.subject.signature.maskCovers == .terms
    // An element mask can empty a region but keeps its term; removal shrinks a region instead.
    let axis =
      coversTerms
      ? trial.batchAxis : trial.termAxes.contains(.ellipsis(0)) ? nil : LawAxis.ellipsis(0)
    guard let axis, let extent = trial.extent(axis), extent > 1,
      trial.termAxes.contains(axis) == coversTerms,
      !trial.subject.properties.contains(.batchDependent),
      coversTerms || !trial.subject.properties.contains(.positionDependent)
    else { return nil }
    self.trial = trial
    self.axis = axis
    removed = Int(trial.seed % UInt64(extent))
    let removed = removed
    kept = (0..<extent).filter { $0 != removed }
    let axes = trial.axes(of: .mask)
    let extents = axes.map { trial.extent($0) ?? 1 }
    let shape = Shape(trusted: extents)
    guard let position = axes.firstIndex(of: axis) else { return nil }
    let inner = extents[(position + 1)...].reduce(1, *)
    mask = .bool(
      Tensor(trusted: shape, (0..<shape.count).map { $0 / inner % extent != removed }))
  }

  func failureMessage(_ kind: Reduction.Kind, corruption: Double) throws(LossError) -> String? {
    let roles = trial.differentiable
    var inputs = trial.corrupted(removed, along: axis, by: corruption)
    inputs[.mask] = mask
    let masked = try trial.evaluate(kind, inputs, gradientsOf: roles)
    let without = try trial.evaluate(kind, trial.selecting(kept, along: axis), gradientsOf: roles)
    let note = "with sample \(removed) masked and \(corruption), \(kind.rawValue):"
    let value =
      kind == .unreduced
      ? trial.selecting(
        kept, along: axis, of: masked.value.doubles, masked.value.shape, trial.termAxes)
      : masked.value.doubles
    if let found = Agreement.failureMessage("\(note) the value", value, without.value.doubles) {
      return found
    }
    if kind == .unreduced, trial.termAxes.contains(axis) {
      let removedTerms = trial.selecting(
        [removed], along: axis, of: masked.value.doubles, masked.value.shape, trial.termAxes)
      if removedTerms.contains(where: { $0 != 0 }) {
        return "\(note) its terms are \(removedTerms); expected 0"
      }
    }
    let shared = trial.shared(along: axis)
    for (role, numbers) in trial.selecting([removed], along: axis, of: masked.derivatives)
    where !shared.contains(role) {
      if numbers.contains(where: { $0 != 0 }) {
        return "\(note) its gradient of \(role) is \(numbers); expected 0"
      }
    }
    return Agreement.failureMessage(
      "\(note) an element", trial.selecting(kept, along: axis, of: masked.derivatives),
      without.derivatives)
  }
}

extension PropertyTrial {
  /// The inputs with one sample corrupted: its numbers, and its class indices. Lengths are kept.
  ///
  /// - Parameter withClasses: whether class indices are corrupted too.
  func corrupted(
    _ sample: Int, along axis: LawAxis, by corruption: Double, withClasses: Bool = true
  ) -> LossInputs {
    var inputs = inputs
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role],
        let position = axes(of: input.role).firstIndex(of: axis)
      else { continue }
      let extents = tensor.shape.extents
      let inner = extents[(position + 1)...].reduce(1, *)
      let isCorrupted = { (index: Int) in index / inner % extents[position] == sample }
      switch (tensor, encoding(input, tensor)?.kind) {
      case (.float64(let tensor), _):
        let scalars = tensor.scalars.enumerated().map {
          isCorrupted($0.offset) ? corruption : $0.element
        }
        inputs[input.role] = .float64(Tensor(trusted: tensor.shape, scalars))
      case (.int64(let tensor), .classIndex) where withClasses,
        (.int64(let tensor), .label) where withClasses:
        // With element masks, a class is validated if any of its elements is unmasked.
        let scalars = tensor.scalars.enumerated().map { isCorrupted($0.offset) ? -7 : $0.element }
        inputs[input.role] = .int64(Tensor(trusted: tensor.shape, scalars))
      default: break
      }
    }
    return inputs
  }
}
