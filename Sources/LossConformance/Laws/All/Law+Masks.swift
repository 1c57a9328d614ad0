import LossCore

extension Law {
  /// Masked samples, spoiled, against no samples.
  static let maskIsRemoval = Law(
    "mask-is-removal",
    "A masked sample counts as if it were not there, whatever it holds: NaN, infinity, no class.",
    distributions: [.ordinary, .ties, .extreme], settings: [.batch, .plane]
  ) { (trial) throws(LossError) in
    guard let removal = SampleRemoval(trial) else { return .notApplicable }
    for corrupt in [Double.nan, .infinity] {
      for kind in Reduction.Kind.allCases {
        if let failureMessage = try removal.failureMessage(kind, corrupt: corrupt) {
          return .failed(failureMessage)
        }
      }
    }
    return .holds
  }
}

/// One sample of a trial taken out by a mask, and by leaving it away.
private struct SampleRemoval {
  let trial: PropertyTrial
  let axis: LawAxis
  let gone: Int
  let kept: [Int]
  let mask: AnyTensor

  init?(_ trial: PropertyTrial) {
    let coversTerms = trial.subject.signature.maskCovers == .terms
    // A mask of elements empties a region but leaves its term; removal shrinks a region instead.
    let axis =
      coversTerms
      ? trial.batchAxis : trial.termAxes.contains(.rest(0)) ? nil : LawAxis.rest(0)
    guard let axis, let extent = trial.extent(axis), extent > 1,
      trial.termAxes.contains(axis) == coversTerms,
      !trial.subject.properties.contains(.batchDependent),
      coversTerms || !trial.subject.properties.contains(.positionDependent)
    else { return nil }
    self.trial = trial
    self.axis = axis
    gone = Int(trial.seed % UInt64(extent))
    let gone = gone
    kept = (0..<extent).filter { $0 != gone }
    let axes = trial.axes(of: .mask)
    let extents = axes.map { trial.extent($0) ?? 1 }
    let shape = Shape(trusted: extents)
    guard let place = axes.firstIndex(of: axis) else { return nil }
    let inner = extents[(place + 1)...].reduce(1, *)
    mask = .bool(
      Tensor(trusted: shape, (0..<shape.count).map { $0 / inner % extent != gone }))
  }

  func failureMessage(_ kind: Reduction.Kind, corrupt: Double) throws(LossError) -> String? {
    let roles = trial.differentiable
    var inputs = trial.corrupted(gone, along: axis, by: corrupt)
    inputs[.mask] = mask
    let masked = try trial.evaluate(kind, inputs, gradientsOf: roles)
    let without = try trial.evaluate(kind, trial.picking(kept, along: axis), gradientsOf: roles)
    let note = "with sample \(gone) masked and \(corrupt), \(kind.rawValue):"
    let value =
      kind == .unreduced
      ? trial.picking(
        kept, along: axis, of: masked.value.doubles, masked.value.shape, trial.termAxes)
      : masked.value.doubles
    if let found = Agreement.failureMessage("\(note) the value", value, without.value.doubles) {
      return found
    }
    if kind == .unreduced, trial.termAxes.contains(axis) {
      let own = trial.picking(
        [gone], along: axis, of: masked.value.doubles, masked.value.shape, trial.termAxes)
      if own.contains(where: { $0 != 0 }) { return "\(note) its terms are \(own), not 0" }
    }
    let shared = trial.shared(along: axis)
    for (role, numbers) in trial.picking([gone], along: axis, of: masked.derivatives)
    where !shared.contains(role) {
      if numbers.contains(where: { $0 != 0 }) {
        return "\(note) its gradient of \(role) is \(numbers), not 0"
      }
    }
    return Agreement.failureMessage(
      "\(note) an element", trial.picking(kept, along: axis, of: masked.derivatives),
      without.derivatives)
  }
}

extension PropertyTrial {
  /// The inputs with garbage in one sample: numbers and classes. Lengths say how the memory is read
  /// and stay.
  ///
  /// - Parameter withClasses: whether classes are garbage too.
  func corrupted(_ gone: Int, along axis: LawAxis, by corrupt: Double, withClasses: Bool = true)
    -> LossInputs
  {
    var inputs = inputs
    for input in subject.signature.inputs {
      guard let tensor = inputs[input.role],
        let place = axes(of: input.role).firstIndex(of: axis)
      else { continue }
      let extents = tensor.shape.extents
      let inner = extents[(place + 1)...].reduce(1, *)
      let isGone = { (index: Int) in index / inner % extents[place] == gone }
      switch (tensor, form(input, tensor)?.kind) {
      case (.float64(let tensor), _):
        let scalars = tensor.scalars.enumerated().map { isGone($0.offset) ? corrupt : $0.element }
        inputs[input.role] = .float64(Tensor(trusted: tensor.shape, scalars))
      case (.int64(let tensor), .classIndex) where withClasses,
        (.int64(let tensor), .label) where withClasses:
        // Where elements are masked a class is read as long as any of its elements is.
        let scalars = tensor.scalars.enumerated().map { isGone($0.offset) ? -7 : $0.element }
        inputs[input.role] = .int64(Tensor(trusted: tensor.shape, scalars))
      default: break
      }
    }
    return inputs
  }
}
