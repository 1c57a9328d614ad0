import LossCore

extension Law {
  /// One thread, again, and more.
  static let threadsGiveSameBits = Law(
    "threads-give-same-bits",
    "Any number of threads gives the same bits.",
    distributions: [.ordinary], settings: [.batch], triesVariants: false, triesOnce: true
  ) { (trial) throws(LossError) in
    guard let axis = trial.batchAxis, let extent = trial.extent(axis), let leading = trial.leading
    else { return .notApplicable }
    // A thread takes 2¹⁶ elements at a time, and a sequence by itself.
    let isSequence = trial.subject.signature.inputs.contains { input in
      input.encodings.contains { if case .label = $0.kind { true } else { false } }
    }
    // Where every sample is compared with every other, some hundreds are much work.
    let isCoupled =
      trial.subject.properties.contains(.batchDependent) && trial.termAxes.contains(axis)
    let perSample = max(1, leading.count / extent)
    let count = isSequence ? 16 : isCoupled ? 301 : (1 << 16) / perSample + 501
    var inputs = trial.picking((0..<count).map { $0 % extent }, along: axis)
    inputs = inputs.varied(seed: trial.seed)
    let roles = trial.differentiable
    let first = try trial.evaluate(.mean, inputs, gradientsOf: roles, in: .float32)
    for threads in [2, 4] {
      let other = try trial.evaluate(
        .mean, inputs, gradientsOf: roles, in: .float32, threads: threads)
      if first.value.bits != other.value.bits {
        return .failed("\(threads) threads: \(other.value.doubles), one: \(first.value.doubles)")
      }
      for role in roles where first.gradients[role]?.bits != other.gradients[role]?.bits {
        return .failed("\(threads) threads: other bits in the gradient of \(role)")
      }
    }
    return .holds
  }
}

extension PropertyTrial {
  /// The shape of the leading input.
  var leading: Shape? {
    subject.signature.inputs.first.flatMap { inputs[$0.role]?.shape }
  }
}

extension LossInputs {
  /// The same in `Float`, each number a little smaller by its own amount, so that sums in another
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
  /// The bits of each number; every NaN is the same.
  fileprivate var bits: [UInt64] {
    doubles.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
  }
}
