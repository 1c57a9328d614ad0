import LossConformance
import LossFunctions
import Testing

extension AnyTensor {
  /// The rows repeated up to a number of rows.
  fileprivate func repeated(to rows: Int) throws -> AnyTensor {
    func repeated<S: TensorScalar>(_ tensor: Tensor<S>) throws -> AnyTensor {
      let extents = tensor.shape.extents
      let size = tensor.count / extents[0]
      var scalars: [S] = []
      while scalars.count < rows * size { scalars += tensor.scalars }
      scalars.removeLast(scalars.count - rows * size)
      return try AnyTensor(Tensor(shape: [rows] + extents.dropFirst(), scalars: scalars))
    }
    return switch widened {
    case .float32(let tensor): try repeated(tensor)
    case .float64(let tensor): try repeated(tensor)
    case .int64(let tensor): try repeated(tensor)
    case .bool(let tensor): try repeated(tensor)
    case .narrow: self
    }
  }
}

extension LossInputs {
  /// The inputs with real tensors converted to another element type.
  fileprivate func converted<S: ComputeScalar>(to type: S.Type) -> LossInputs {
    var inputs = self
    for (role, tensor) in tensors {
      if case .float64 = tensor { inputs[role] = AnyTensor(tensor.converted(to: S.self)) }
    }
    return inputs
  }
}

/// The bits of a result do not depend on the number of threads.
///
/// The law `threads-give-same-bits` checks every loss with default options. These tests cover one
/// loss for each way to partition the work, for ThreadSanitizer, and options that change the
/// partition.
@Suite struct ThreadTests {
  static let settings: [(String, [String: OptionValue])] = [
    ("huber", [:]), ("cross_entropy", [:]), ("ctc", [:]), ("softmax", [:]), ("dice", [:]),
    ("supcon", [:]),
    ("dice", ["per": "sample_and_class"]), ("tversky", ["per": "sample"]),
    ("root_mean_squared_error", ["per": "sample_and_class"]),
    ("cross_entropy", ["ignore_index": 2, "class_weights": [1, 2, 3, 4]]),
    ("sum", ["parts": [["loss": "huber"], ["loss": "log_cosh", "scale": 2]]]),
    ("deep_supervision", ["of": ["loss": "cross_entropy"]]),
  ]

  @Test("any number of threads gives the same bits", arguments: settings)
  func threads(_ name: String, _ options: [String: OptionValue]) throws {
    let loss = try LossRegistry.linked.loss(named: name, options: options).base
    // Enough elements for two chunks of 2¹⁶; a sequence is a chunk of its own.
    var sampler = InputSampler(seed: 4)
    let axes = loss.signature.inputs.first?.encodings.first?.axes.axes ?? []
    var count = axes.count == 1 ? 66_001 : 16_500
    var ellipsis = [127]
    var extents = ["class": 4, "feature": 4, "sample": 9]
    if axes.contains(.named("time")) {
      count = 127
    } else if axes.contains(.named("sample")) {
      extents["sample"] = 127
      ellipsis = [130]
      count = 127
    } else if loss.signature.terms.axes.isEmpty {
      count = 300
    } else if loss.properties.contains(.batchDependent), axes.first != .ellipsis {
      // Every row is compared with every other row.
      count = 301
    }
    let rows = sampler.inputs(for: loss.signature, rest: ellipsis, extents: extents)
      .converted(to: Float.self)
    var inputs = LossInputs()
    for (role, tensor) in rows.tensors {
      // The parameters of a layer have no rows.
      let hasRows = loss.signature.input(role)?.encodings.first?.axes.axes.first == axes.first
      inputs[role] = hasRows ? try tensor.repeated(to: count) : tensor
    }
    let roles = loss.signature.inputs.filter {
      $0.isDifferentiable && inputs[$0.role]?.element == .float32
    }.map(\.role)
    // All thread counts, with and without weights, for one loss of each form.
    let isFull = ["huber", "cross_entropy", "ctc", "softmax"].contains(name) && options.isEmpty
    for isWeighted in isFull ? [false, true] : [false] {
      if isWeighted {
        let terms = try loss.evaluate(inputs, reduction: Reduction.unreduced).value.shape
        let weights = (0..<terms.count).map { Float($0 % 7) / 4 }
        inputs[.weight] = try AnyTensor(Tensor(shape: terms, scalars: weights))
      }
      let expected = try loss.evaluate(inputs, gradientsOf: roles, reduction: .mean)
      #expect(expected.value.doubles[0].isFinite)
      for threads in isFull ? [2, 3, 4] : [4] {
        let result = try loss.evaluate(
          inputs, gradientsOf: roles, reduction: .mean, threads: threads)
        #expect(bits(result.value) == bits(expected.value), "\(threads) threads")
        for role in roles {
          #expect(result.gradients[role] == expected.gradients[role], "\(threads) threads, \(role)")
        }
      }
    }
  }

  @Test("a layer with many classes gives the same bits", arguments: [2, 3, 4])
  func layer(_ threads: Int) throws {
    let (rows, features, classes) = (66, 3, 514)
    func numbers(_ count: Int, _ step: Int) -> [Float] {
      (0..<count).map { Float($0 * step % 1013) / 512 - 1 }
    }
    let inputs: LossInputs = [
      "hidden": try tensor([rows, features], numbers(rows * features, 37)),
      "kernel": try tensor([classes, features], numbers(classes * features, 101)),
      "bias": try tensor([classes], numbers(classes, 11)),
      .target: AnyTensor.int64(Tensor((0..<rows).map { $0 * 83 % classes })),
    ]
    let roles: [Role] = ["hidden", "kernel", "bias"]
    let loss = LinearCrossEntropyLoss()
    let expected = try loss.evaluate(inputs, gradientsOf: roles)
    let result = try loss.evaluate(inputs, gradientsOf: roles, threads: threads)
    #expect(bits(result.value) == bits(expected.value))
    for role in roles { #expect(result.gradients[role] == expected.gradients[role], "\(role)") }
  }

  @Test("stored terms give the same bits", arguments: [2, 3, 4])
  func grouped(_ threads: Int) throws {
    let numbers = (0..<140_000).map { Float($0 % 1013) / 64 }
    let inputs: LossInputs = [
      .prediction: try tensor([140_000], numbers),
      .target: try tensor([140_000], numbers.reversed()),
    ]
    for reduction in [Reduction.unreduced, .mean] {
      let expected = try MeanSquaredErrorLoss().evaluate(inputs, reduction: reduction)
      let result = try MeanSquaredErrorLoss().evaluate(
        inputs, reduction: reduction, threads: threads)
      #expect(expected == result)
    }
  }

  @Test(
    "extreme thread counts give the value of one thread",
    arguments: [
      0, -1, Int.min, Int.max,
    ])
  func extremeCounts(_ threads: Int) throws {
    let prediction = Tensor<Double>((0..<66_000).map { Double($0 % 13) })
    let target = Tensor<Double>((0..<66_000).map { Double($0 % 7) })
    let expected = try MeanSquaredErrorLoss()(prediction, target)
    #expect(try MeanSquaredErrorLoss()(prediction, target, threads: threads) == expected)
    // In parts, each worker with memory of its own.
    let half: LossInputs = [
      .prediction: try AnyTensor(prediction).cast(to: .bfloat16),
      .target: try AnyTensor(target).cast(to: .int8),
    ]
    let one = try MeanSquaredErrorLoss().evaluate(half, gradientsOf: [.prediction])
    let many = try MeanSquaredErrorLoss()
      .evaluate(half, gradientsOf: [.prediction], threads: threads)
    #expect(one == many)
  }
}
