import LossConformance
import LossFunctions
import Testing

/// Inputs and gradients of half precision, of narrow whole numbers, and with strides: the same
/// numbers as those of contiguous `Float`, each gradient rounded once.
@Suite struct StoredMemoryTests {
  /// Numbers that half precision holds exactly.
  private static func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float(Int.random(in: -127...127, using: &generator)) / 32 }
  }

  private static func bits(_ numbers: [BFloat16]) -> [UInt16] { numbers.map(\.bitPattern) }

  @Test("large inputs of half precision, in parts and threads", arguments: [100, 9000, 70_001])
  func elementwise(_ count: Int) throws {
    let p = Self.numbers(count, 1).map { BFloat16($0) }
    let t = Self.numbers(count, 2).map { BFloat16($0) }
    let (pf, tf) = (p.map(\.float), t.map(\.float))
    let keep = (0..<count).map { $0 % 7 != 0 }
    let weight = (0..<count).map { Float($0 % 5) }
    for reduction in [Reduction.mean, .sum, .weightedMean] {
      let expected = try HuberLoss().valueAndGradient(
        pf, tf, weight: weight, mask: keep, reduction: reduction)
      for threads in [1, 2, 3] {
        let result = try HuberLoss().valueAndGradient(
          p, t, weight: weight, mask: keep, reduction: reduction, threads: threads)
        #expect(result.value.bitPattern == expected.value.bitPattern)
        #expect(Self.bits(result.gradient) == Self.bits(expected.gradient.map { BFloat16($0) }))
      }
    }
    let terms = try MeanSquaredErrorLoss().terms(Tensor(p), Tensor(t))
    #expect(terms == (try MeanSquaredErrorLoss().terms(Tensor(pf), Tensor(tf))))
    let mixed = try MeanSquaredErrorLoss()(p, tf)
    #expect(mixed == (try MeanSquaredErrorLoss()(pf, tf)))
  }

  @Test("rows of half precision with class indices of a byte", arguments: [3, 400])
  func rows(_ classes: Int) throws {
    let rows = 301
    let logits = try Tensor(
      shape: [rows, classes], scalars: Self.numbers(rows * classes, 3).map { BFloat16($0) })
    let labels = (0..<rows).map { UInt8($0 % min(classes, 256)) }
    let loss = CrossEntropyLoss(labelSmoothing: 0.1, ignoreIndex: 2)
    let expected = try loss.valueAndGradient(logits.map(\.float), labels.map { Int($0) })
    let result = try loss.valueAndGradient(logits, labels, threads: 2)
    #expect(result.value.bitPattern == expected.value.bitPattern)
    #expect(
      Self.bits(result.gradient.scalars)
        == Self.bits(expected.gradient.scalars.map { BFloat16($0) }))
    let error = #expect(throws: LossError.self) {
      try loss(logits, [UInt16](repeating: 400, count: rows))
    }
    #expect(error?.code == .invalidClass)
  }

  @Test("class axis inside, with a weight for each class")
  func innerAxis() throws {
    let logits = try Tensor(
      shape: [40, 6, 50], scalars: Self.numbers(12000, 4).map { BFloat16($0) })
    let labels = try Tensor(shape: [40, 50], scalars: (0..<2000).map { Int32($0 % 6) })
    let loss = CrossEntropyLoss(classWeights: [1, 2, 3, 4, 5, 6])
    let expected = try loss.valueAndGradient(
      logits.map(\.float), labels.map { Int($0) }, classAxis: 1)
    let result = try loss.valueAndGradient(logits, labels, classAxis: 1, threads: 2)
    #expect(result.value.bitPattern == expected.value.bitPattern)
    #expect(
      Self.bits(result.gradient.scalars)
        == Self.bits(expected.gradient.scalars.map { BFloat16($0) }))
  }

  @Test("losses that couple samples, and sums of losses")
  func coupled() throws {
    let p = try Tensor(
      shape: [4, 3000], scalars: Self.numbers(12000, 5).map { BFloat16(abs($0) / 4.01) })
    let t = try Tensor(shape: [4, 3000], scalars: (0..<12000).map { UInt8($0 % 2) })
    let dice = try DiceLoss().valueAndGradient(p, t)
    let expected = try DiceLoss().valueAndGradient(p.map(\.float), t.map { Float($0) })
    #expect(dice.value.bitPattern == expected.value.bitPattern)
    #expect(
      Self.bits(dice.gradient.scalars)
        == Self.bits(expected.gradient.scalars.map { BFloat16($0) }))
    let sum = 0.5 * MeanSquaredErrorLoss() + DiceLoss()
    let both = try sum.valueAndGradient(p, t)
    let floats = try sum.valueAndGradient(p.map(\.float), t.map { Float($0) })
    #expect(both.value == floats.value)
    #expect(
      Self.bits(both.gradient.scalars)
        == Self.bits(floats.gradient.scalars.map { BFloat16($0) }))
  }

  @Test("a name of a framework, and roles")
  func named() throws {
    let loss = try LossRegistry.linked.loss(named: "torch.nn.SmoothL1Loss", options: ["beta": 0.5])
    let (p, t) = (Self.numbers(20000, 6), Self.numbers(20000, 7))
    let inputs: LossInputs = [
      "input": p.map { BFloat16($0) }, "target": t.map { BFloat16($0) },
    ]
    let result = try loss.evaluate(inputs, gradientsOf: ["input"])
    let expected = try loss.evaluate(["input": p, "target": t], gradientsOf: ["input"])
    #expect(result.value == expected.value)
    #expect(result.gradients["input"] == (try expected.gradients["input"]?.cast(to: .bfloat16)))
    let typed = try loss.valueAndGradient(p.map { BFloat16($0) }, t.map { BFloat16($0) })
    #expect(AnyTensor(typed.gradient) == result.gradients["input"])
    let floats = try loss.evaluate(inputs, gradientsOf: ["input"], in: .float32)
    #expect(floats.gradients["input"] == expected.gradients["input"])
  }

  @Test("a number outside its domain is found in every part, unless it is masked")
  func domains() throws {
    var p = [BFloat16](repeating: 0.5, count: 50_000)
    let t = [UInt8](repeating: 1, count: 50_000)
    p[40_123] = 1.5
    let error = #expect(throws: LossError.self) {
      try BinaryCrossEntropyLoss(fromLogits: false)(p, t)
    }
    #expect(error?.code == .invalidValue && error?.found == "is 1.5 at [40123]")
    let mask = (0..<50_000).map { $0 != 40_123 }
    let value = try BinaryCrossEntropyLoss(fromLogits: false)(p, t, mask: mask)
    #expect(abs(value - 0.6931472) < 1e-6)
    var labels = [Float](repeating: 1, count: 50_000)
    labels[49_999] = 0.5
    let second = #expect(throws: LossError.self) { try HingeLoss()(p, labels) }
    #expect(second?.subject == "target")
  }

  @Test("a mask of whole numbers is taken where all are 0 and 1")
  func masks() throws {
    let inputs: LossInputs = [
      "prediction": [1 as Float, 2, 3], "target": [0 as Float, 0, 0], "mask": [UInt8(1), 0, 1],
    ]
    let value: Float = try MeanSquaredErrorLoss()(inputs)
    #expect(value == 5)
    let error = #expect(throws: LossError.self) {
      var inputs = inputs
      inputs["mask"] = AnyTensor([UInt8(255), 0, 255])
      let _: Float = try MeanSquaredErrorLoss()(inputs)
    }
    #expect(error?.code == .invalidType && error?.found == "has type u8 and is 255 at [0]")
  }

  // MARK: - Strides

  /// The value and the gradient, written with strides, of inputs with strides.
  private static func evaluate(
    _ loss: some LossProtocol, _ inputs: [(Role, AnyTensor, strides: [Int], offset: Int, Shape)],
    gradient: (element: ElementType, strides: [Int], offset: Int, count: Int), threads: Int = 1
  ) throws -> (value: Float, memory: [UInt8]) {
    var memory = [UInt8](repeating: 0xee, count: gradient.count * gradient.element.size)
    var views: [InputView] = []
    func bind(_ rest: ArraySlice<(Role, AnyTensor, strides: [Int], offset: Int, Shape)>) throws
      -> Float
    {
      guard let (role, tensor, strides, offset, shape) = rest.first else {
        return try memory.withUnsafeMutableBytes { memory in
          let stored = StoredGradient(
            element: gradient.element, shape: inputs[0].4,
            pointer: memory.baseAddress.map { $0 + gradient.offset * gradient.element.size },
            strides: gradient.strides)
          return try views.withUnsafeBufferPointer { views in
            try [GradientView<Float>(role: inputs[0].0, stored: stored)].withUnsafeBufferPointer {
              try Float.evaluate(
                loss, EvaluationRequest(views, gradients: $0, threads: threads)
              ).value
            }
          }
        }
      }
      let bytes: [UInt8] =
        switch tensor {
        case .float32(let tensor): tensor.scalars.withUnsafeBytes { Array($0) }
        case .int64(let tensor): tensor.scalars.withUnsafeBytes { Array($0) }
        case .bool(let tensor): tensor.scalars.map { $0 ? 1 : 0 }
        case .float64(let tensor): tensor.scalars.withUnsafeBytes { Array($0) }
        case .narrow(let tensor): tensor.bytes
        }
      return try bytes.withUnsafeBytes { bytes in
        views.append(
          InputView(
            role: role, shape: shape, element: tensor.element,
            pointer: bytes.baseAddress.map { $0 + offset * tensor.element.size },
            strides: strides))
        return try bind(rest.dropFirst())
      }
    }
    let value = try bind(inputs[...])
    return (value, memory)
  }

  @Test("padded, permuted and reversed inputs, and gradients", arguments: [1, 2])
  func strides(_ threads: Int) throws {
    // A batch of 60 images of 4 × 50 numbers, channels last in memory, rows padded to 5.
    let shape = try Shape([60, 4, 50])
    let memory = Self.numbers(60 * 50 * 5, 8)
    let strides = [250, 1, 5]
    let logical = shape.offsets(strides: strides).map { memory[$0] }
    let target = Self.numbers(12000, 9)
    let reversed = Array(target.reversed())
    let expected = try HuberLoss().valueAndGradient(
      Tensor(shape: shape, scalars: logical), Tensor(shape: shape, scalars: target))
    let result = try Self.evaluate(
      HuberLoss(),
      [
        (.prediction, AnyTensor(memory), strides, 0, shape),
        (.target, AnyTensor(reversed), [-200, -50, -1], 11999, shape),
      ], gradient: (.float32, strides, 0, memory.count), threads: threads)
    #expect(result.value == expected.value)
    let written = result.memory.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
    #expect(
      shape.offsets(strides: strides).map { written[$0] }
        == expected.gradient.scalars.map(\.bitPattern))
    // What lies between the elements is left as it was.
    #expect(written.indices.filter { $0 % 5 == 4 }.allSatisfy { written[$0] == 0xeeee_eeee })
  }

  @Test("a repeated weight, and class indices with strides")
  func repeated() throws {
    let logits = Self.numbers(30 * 4, 10)
    let labels = (0..<60).map { Int16($0 % 4) }
    let every = (0..<30).map { Int(labels[2 * $0]) }
    let shape = try Shape([30, 4])
    let rows = try Shape([30])
    let expected = try CrossEntropyLoss().valueAndGradient(
      Tensor(shape: shape, scalars: logits), every, weight: [Float](repeating: 2, count: 30))
    let result = try Self.evaluate(
      CrossEntropyLoss(),
      [
        (.prediction, AnyTensor(logits), [4, 1], 0, shape),
        (.target, AnyTensor(labels), [2], 0, rows),
        (.weight, AnyTensor([2 as Float]), [0], 0, rows),
      ], gradient: (.bfloat16, [4, 1], 0, 120))
    #expect(result.value == expected.value)
    let written = result.memory.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
    #expect(written == Self.bits(expected.gradient.scalars.map { BFloat16($0) }))
  }

  @Test("strides that do not fit are refused")
  func refusals() throws {
    let shape = try Shape([3])
    func error(_ strides: [Int], of role: Role) -> LossError? {
      #expect(throws: LossError.self) {
        try Self.evaluate(
          MeanSquaredErrorLoss(),
          [
            (
              .prediction, AnyTensor([1 as Float, 2, 3]), role == .prediction ? strides : [1], 0,
              shape
            ),
            (.target, AnyTensor([1 as Float, 2, 3]), role == .target ? strides : [1], 0, shape),
          ], gradient: (.float32, [1], 0, 3))
      }
    }
    #expect(
      error([0], of: .target)?.description
        == "mean_squared_error: target has stride 0 along axis 0; expected elements of its own for each of its 3"
        + " positions. Only a weight or a mask repeats its elements.")
    #expect(error([1, 1], of: .prediction)?.code == .shapeMismatch)
  }

  @Test("calls on spans with layouts, typed and by name")
  func layouts() throws {
    let shape = try Shape([20, 3, 40])
    let channelsLast = StridedLayout(shape, strides: [125, 1, 3], offset: 2)
    let memory = Self.numbers(20 * 125, 11)
    let target = Self.numbers(2400, 12)
    let rows = StridedLayout(shape, strides: [-120, 40, 1], offset: 19 * 120)
    let indices = shape.offsets(strides: channelsLast.strides).map { $0 + 2 }
    let logical = try Tensor(shape: shape, scalars: indices.map { memory[$0] })
    let flipped = try Tensor(
      shape: shape, scalars: (0..<20).reversed().flatMap { target[$0 * 120..<$0 * 120 + 120] })
    let named = try LossRegistry.linked.loss(named: "torch.nn.HuberLoss", options: ["delta": 0.5])
    let scaled = try LossRegistry.linked.loss(named: "optax.losses.squared_error")
    for loss in [HuberLoss(delta: 0.5), named, scaled] as [any CallableLoss] {
      let expected = try loss.valueAndGradient(logical, flipped, reduction: .mean)
      var gradient = [Float](repeating: 7, count: memory.count)
      var span = gradient.mutableSpan
      let value = try loss.valueAndGradient(
        memory.span, target.span, layout: channelsLast, targetLayout: rows, into: &span,
        reduction: .mean)
      #expect(value == expected.value)
      #expect(indices.map { gradient[$0] } == expected.gradient.scalars)
      #expect(gradient.filter { $0 == 7 }.count == memory.count - 2400)
      #expect(
        try loss.value(
          memory.span, target.span, layout: channelsLast, targetLayout: rows, reduction: .mean)
          == expected.value)
    }
    let error = #expect(throws: LossError.self) {
      try HuberLoss().value(
        memory.span, target.span, layout: channelsLast,
        targetLayout: StridedLayout(shape, strides: [-120, 40, 1], offset: 2279))
    }
    #expect(
      error?.description
        == "huber: target has 2400 elements; expected all of shape [20, 3, 40] with strides"
        + " [-120, 40, 1] from element 2279.")
  }
}
