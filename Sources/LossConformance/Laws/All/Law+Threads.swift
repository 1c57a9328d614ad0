import LossCore

extension Law {
  /// Compares one, two and four threads.
  static let threadsGiveSameBits = Law(
    "threads-give-same-bits",
    "Results are bitwise identical for any number of threads.",
    distributions: [.ordinary], shapes: [.batch], usesVariants: false, usesOneTrial: true
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), let leading = trial.leading
    else { return .notApplicable }
    // A chunk of a thread has 2¹⁶ elements, or one sequence.
    let isSequence = trial.subject.signature.inputs.contains { input in
      input.encodings.contains { if case .label = $0.kind { true } else { false } }
    }
    // Pairwise losses have quadratic cost, so that a few hundred samples are enough.
    let isCoupled =
      trial.subject.properties.contains(.batchDependent) && trial.termAxes.contains(axis)
    let perSample = max(1, leading.count / extent)
    let count = isSequence ? 16 : isCoupled ? 301 : (1 << 16) / perSample + 501
    var inputs = trial.selecting((0..<count).map { $0 % extent }, along: axis)
    inputs = inputs.varied(seed: trial.seed)
    let roles = trial.differentiable
    let first = try trial.evaluate(.mean, inputs, gradientsOf: roles, in: .float32)
    // As many as there are chunks.
    let other = try trial.evaluate(.mean, inputs, gradientsOf: roles, in: .float32, threads: 2)
    if first.value.bits != other.value.bits {
      return .failed(
        "2 threads give \(other.value.doubles), one gives \(first.value.doubles)")
    }
    for role in roles where first.gradients[role]?.bits != other.gradients[role]?.bits {
      return .failed("2 threads give other bits in the gradient of \(role)")
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The shape of the first input.
  var leading: Shape? {
    subject.signature.inputs.first.flatMap { inputs[$0.role]?.shape }
  }
}

extension LossInputs {
  /// The inputs in `Float`, each number reduced by a small random amount, so that sums in another
  /// order differ.
  fileprivate func varied(seed: UInt64) -> LossInputs {
    var generator = SeededGenerator(seed: seed)
    var varied = self
    for (role, tensor) in tensors {
      guard case .float64(let tensor) = tensor else { continue }
      varied[role] = .float32(
        tensor.map { number in
          guard number.magnitude != 1 else { return Float(number) }
          return Float(number * (1 - Double(generator.next() >> 44) * 0x1p-30))
        })
    }
    return varied
  }
}

extension AnyTensor {
  /// The bit patterns; every NaN has the same pattern.
  fileprivate var bits: [UInt64] {
    doubles.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
  }
}
