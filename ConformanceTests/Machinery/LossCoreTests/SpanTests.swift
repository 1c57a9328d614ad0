import LossConformance
import LossFunctions
import Testing

/// Calls on borrowed memory give the bits of calls on tensors.
@Suite struct SpanTests {
  @Test("value and gradient have the same bits as those of tensors", arguments: UInt64(1)...4)
  func agree(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shape = try Shape([3, 5])
    let numbers = generator.numbers(-2...2, 15)
    let others = generator.numbers(0.1...0.9, 15)
    let classes = (0..<3).map { _ in Int.random(in: 0..<5, using: &generator) }
    try compare(HuberLoss(delta: 0.5), shape, numbers, others)
    try compare(HuberLoss(delta: 0.5), shape, numbers.map { Float($0) }, others.map { Float($0) })
    try compare(HuberLoss(delta: 0.5), shape, numbers, numbers.map { Int($0) })
    try compare(CrossEntropyLoss(), shape, numbers, classes)
    try compare(CrossEntropyLoss(), shape, numbers, others)
    try compare(CrossEntropyLoss(), shape, numbers, classes + [1, 2], classAxis: 0, limit: 3)
    try compare(DiceLoss(), shape, others, classes)
    try compare(MarginLoss(), shape, numbers, others.map { $0 > 0.5 })
  }

  private func compare<S: ComputeScalar, T: TensorScalar>(
    _ loss: some LossProtocol, _ shape: Shape, _ prediction: [S], _ target: [T],
    classAxis: Int? = nil, limit: Int = .max
  ) throws {
    let target = target.map { ($0 as? Int).map { min($0, limit - 1) } as? T ?? $0 }
    let targetShape =
      target.count == shape.count ? shape : shape.removing(axis: classAxis ?? -1)
    let first = try Tensor(shape: shape, scalars: prediction)
    let second = try Tensor(shape: targetShape, scalars: target)
    for reduction in [nil, Reduction.sum, .mean] {
      var gradient = Array(repeating: S.nan, count: shape.count)
      var span = gradient.mutableSpan
      let value = try loss.valueAndGradient(
        prediction.span, target.span, shape: shape, into: &span, reduction: reduction,
        classAxis: classAxis)
      let expected = try loss.valueAndGradient(
        first, second, reduction: reduction, classAxis: classAxis)
      #expect(value == expected.value)
      #expect(gradient == expected.gradient.scalars)
      #expect(gradient.contains { $0 != 0 })
      #expect(expected.gradient.shape == shape)
      let alone = try loss.value(
        prediction.span, target.span, shape: shape, reduction: reduction, classAxis: classAxis)
      #expect(alone == value)
      #expect(try loss(first, second, reduction: reduction, classAxis: classAxis) == value)
      let named = try loss.evaluate(
        [
          loss.signature.inputs[0].role: AnyTensor(first),
          loss.signature.inputs[1].role: AnyTensor(second),
        ],
        gradientsOf: [loss.signature.inputs[0].role], reduction: reduction, classAxis: classAxis,
        in: S.element)
      #expect(named.value == AnyTensor(Tensor(value)))
    }
  }

  @Test(
    "counts that do not match throw, and nothing is written",
    arguments: [
      (5, 6, 6, "prediction"), (7, 6, 6, "prediction"), (0, 6, 6, "prediction"),
      (6, 5, 6, "target"), (6, 7, 6, "target"), (6, 0, 6, "target"), (6, 3, 6, "target"),
      (6, 6, 5, "prediction"), (6, 6, 7, "prediction"), (6, 6, 0, "prediction"),
    ])
  func counts(_ prediction: Int, _ target: Int, _ gradient: Int, _ subject: String) throws {
    let shape = try Shape([2, 3])
    let first = Array(repeating: 1.0, count: prediction)
    let second = Array(repeating: 0.0, count: target)
    var buffer = Array(repeating: 7.0, count: gradient)
    var span = buffer.mutableSpan
    do throws(LossError) {
      _ = try HuberLoss(delta: 1).valueAndGradient(
        first.span, second.span, shape: shape, into: &span)
      Issue.record("no error")
    } catch {
      #expect(error.code == .shapeMismatch)
      #expect(error.subject == subject)
      #expect(error.loss == "huber")
    }
    #expect(buffer == Array(repeating: 7.0, count: gradient))
  }

  @Test("typed calls throw for a tensor result and accept a scalar result")
  func tensorResults() throws {
    let prediction = Tensor<Double>([1, 2])
    for reduction in [Reduction.unreduced, .sum(over: []), .sum(over: [0], keepsDimensions: true)] {
      let error = refusal { () throws(LossError) in
        try HuberLoss(delta: 1)(prediction, prediction, reduction: reduction)
      }
      #expect(error?.code == .invalidOption)
      #expect(error?.subject == "reduction")
    }
    #expect(try HuberLoss(delta: 1)(prediction, prediction, reduction: .sum(over: [0])) == 0)
  }

  @Test("targetShape gives the shape of the target")
  func targetShape() throws {
    let shape = Shape(trusted: [1, 3, 3])
    let logits: [Double] = [0.5, 1, -1, 0, 0.25, 2, 1, 0, 0.5]
    let labels = [1, 2]
    let inputs: LossInputs = [
      .prediction: AnyTensor.float64(Tensor(trusted: shape, logits)),
      .target: AnyTensor.int64(Tensor(trusted: Shape(trusted: [1, 2]), labels)),
    ]
    let whole = try CTCLoss().evaluate(inputs, gradientsOf: [.prediction])
    var gradient = [Double](repeating: 0, count: 9)
    var span = gradient.mutableSpan
    let value = try CTCLoss().valueAndGradient(
      logits.span, labels.span, shape: shape, targetShape: Shape(trusted: [1, 2]), into: &span)
    #expect(whole.value.doubles == [value])
    #expect(whole.gradients[.prediction]?.doubles == gradient)
    let error = refusal { () throws(LossError) in
      try CTCLoss().value(
        logits.span, labels.span, shape: shape, targetShape: Shape(trusted: [1, 3]))
    }
    #expect(error?.description == "ctc: target has 2 elements; expected 3, for shape [1, 3].")
  }

  @Test("arrays are tensors with one axis")
  func arrays() throws {
    let value = try MeanSquaredErrorLoss()([1.0, 2, 3], [0.0, 0, 0])
    #expect(value == 14.0 / 3)
    let both = try MeanSquaredErrorLoss().valueAndGradient(
      [1.0, 2, 3], [0.0, 0, 0], reduction: .sum)
    #expect(both.value == 14)
    #expect(both.gradient == [2, 4, 6])
    let empty: [Double] = []
    #expect(try MeanSquaredErrorLoss()(empty, empty, reduction: .sum) == 0)
  }
}
