import LossFunctions
import Testing

/// The calls of a loss: arrays, tensors, borrowed memory and inputs by role; by type and by name.
@Suite struct CallTests {
  @Test("Options are arguments of the initialiser")
  func initialisers() throws {
    let loss = CrossEntropyLoss(classWeights: [1, 2, 0.5], labelSmoothing: 0.1)
    #expect(loss.options.classWeights == [1, 2, 0.5])
    #expect(loss.options.labelSmoothing == 0.1)
    #expect(loss.options.fromLogits)
    #expect(HuberLoss().options == HuberLoss(delta: 1).options)
    #expect(DiceLoss(smooth: 0, per: .class).options.overlap.per == .class)
    #expect(TripletMarginLoss(distance: .cosine).options.distance == .cosine)
  }

  /// Of every loss: the initialiser with all of its defaults is the loss without options.
  @Test("Generated defaults are those of the options")
  func defaults() throws {
    for entry in try LossRegistry.linked.checked().plugins.flatMap(\.losses) {
      guard let declaration = entry.declaration?() else { continue }
      #expect(
        declaration.options.map(\.label)
          == entry.options.map { OptionDeclaration.camelCase($0.name) })
    }
  }

  @Test("A triplet has typed calls, and says so when it is called with two inputs")
  func triplet() throws {
    let loss = TripletMarginLoss(margin: 1)
    let anchor = try Tensor<Double>(rows: [[0, 0], [1, 1]])
    let positive = try Tensor<Double>(rows: [[0, 1], [1, 1]])
    let negative = try Tensor<Double>(rows: [[0, 1.5], [3, 1]])
    // d(a, p) - d(a, n) + 1: 1 - 1.5 + 1 and 0 - 2 + 1.
    let value = try loss(anchor: anchor, positive: positive, negative: negative)
    #expect(value == 0.25)
    let result = try loss.valueAndGradients(
      anchor: anchor, positive: positive, negative: negative, upstream: 2)
    #expect(result.value == 0.25)
    #expect(result.positive.scalars == [0, 1, 0, 0])
    #expect(result.negative.scalars == [0, -1, 0, 0])
    let named = try LossRegistry.linked.loss(named: "torch.nn.TripletMarginLoss")
    let same: Double = try named(["anchor": anchor, "positive": positive, "negative": negative])
    #expect((same - 0.25).magnitude < 1e-5)  // PyTorch adds 1e-6 to each difference
    let error = #expect(throws: LossError.self) { try loss(anchor, positive) }
    #expect(error?.code == .missingInput)
    #expect(error?.hint.contains("\"anchor\": …, \"positive\": …, \"negative\": …") == true)
  }

  @Test("A named loss is called as a typed one, in its own reduction")
  func named() throws {
    let prediction = Tensor<Float>([1.5, -0.5, 2])
    let target = Tensor<Float>([1, 0.5, 2])
    for name in ["huber", "torch.huber_loss", "keras.Huber", "flux.huber_loss"] {
      let loss = try LossRegistry.linked.loss(named: name)
      #expect(try loss(prediction, target) == HuberLoss()(prediction, target))
      let (value, gradient) = try loss.valueAndGradient(prediction, target, upstream: 3)
      let expected = try HuberLoss().valueAndGradient(prediction, target, upstream: 3)
      #expect(value == expected.value)
      #expect(gradient == expected.gradient)
    }
    let configuration = LossConfiguration("huber", options: ["delta": 0.5], reduction: .sum)
    let sum = try LossRegistry.linked.loss(configuration)
    #expect(
      try sum(prediction, target) == HuberLoss(delta: 0.5)(prediction, target, reduction: .sum))
    #expect(
      try sum(prediction, target, reduction: .mean) == HuberLoss(delta: 0.5)(prediction, target))
    #expect(try sum.terms(prediction, target).shape == Shape([3]))
  }

  @Test("A named loss whose arguments are adapted gives the same typed gradient")
  func adapted() throws {
    // Flux's class axis is the first, its class numbers begin at 1.
    let logits = try Tensor<Double>(rows: [[2, 0.5], [-1, 0], [0.5, 1]])
    let flux = try LossRegistry.linked.loss(named: "flux.logitsparsecrossentropy")
    let ours = try CrossEntropyLoss().valueAndGradient(logits, [0, 2], classAxis: 0)
    let (value, gradient) = try flux.valueAndGradient(logits, [1, 3])
    #expect(value == ours.value)
    #expect(gradient == ours.gradient)
  }

  @Test("Arrays take weight, mask and threads; class indices may be an array")
  func arrays() throws {
    let loss = MeanSquaredErrorLoss()
    let value = try loss([1.0, 2, 3], [0.0, 0, 0], weight: [1, 2, 1], mask: [true, true, false])
    #expect(value == 4.5)  // (1 + 2 · 4) / 2
    let logits = try Tensor<Double>(rows: [[1, 2], [0.5, 0]])
    #expect(
      try CrossEntropyLoss()(logits, [0, 1]) == CrossEntropyLoss()(logits, Tensor([0, 1])))
    let result = try CrossEntropyLoss().valueAndGradient(logits, [0, 1], mask: [true, false])
    #expect(result.gradient.scalars[2...] == [0, 0])
  }

  @Test("Borrowed memory takes a mask and a weight for each row or element")
  func spans() throws {
    let logits = [1.0, 2, 0.5, 0]
    let shape = try Shape([2, 2])
    let one = [1.0]
    let labels = [0, 1]
    let weight = [2.0, 1]
    let mask = [true, false]
    var gradient = [Double](repeating: -1, count: 4)
    let tensor = try Tensor<Double>(shape: [2, 2], scalars: logits)
    let expected = try CrossEntropyLoss().valueAndGradient(
      tensor, labels, weight: weight, mask: mask)
    var span = gradient.mutableSpan
    let value = try CrossEntropyLoss().valueAndGradient(
      logits.span, labels.span, shape: shape, weight: weight.span, mask: mask.span, into: &span)
    #expect(value == expected.value)
    #expect(gradient == expected.gradient.scalars)
    #expect(throws: LossError.self) {
      try CrossEntropyLoss().value(
        logits.span, labels.span, shape: shape, weight: one.span) as Double
    }
  }

  @Test("Sequences take lengths")
  func sequences() throws {
    let logits = try Tensor<Double>(repeating: 0, shape: Shape([2, 4, 3]))
    let labels = try Tensor<Int>(repeating: 1, shape: Shape([2, 2]))
    let inputs: LossInputs = [
      "prediction": logits, "target": labels, "prediction_lengths": [4, 3],
      "target_lengths": [2, 1],
    ]
    let expected = try CTCLoss().valueAndGradients(inputs)
    let (value, gradient) = try CTCLoss().valueAndGradient(
      logits, labels, inputLengths: [4, 3], targetLengths: [2, 1])
    #expect(try value == expected.scalar())
    #expect(try gradient == expected.gradient(of: .prediction))
  }

  @Test("Both gradients, terms and their upstream")
  func terms() throws {
    let prediction = Tensor<Double>([1, 3])
    let target = Tensor<Double>([0, 1])
    let loss = MeanSquaredErrorLoss()
    #expect(try loss.terms(prediction, target).scalars == [1, 4])
    let both = try loss.valueAndGradients(prediction, target)
    #expect(both.prediction.scalars == [1, 2])
    #expect(both.target.scalars == [-1, -2])
    let chained = try loss.termsAndGradient(prediction, target, upstream: Tensor([10, 1]))
    #expect(chained.gradient.scalars == [20, 4])
    let softmax = try Softmax()(Tensor<Double>([0, 0]))
    #expect(softmax.scalars == [0.5, 0.5])
    #expect(
      try Softmax().gradient(Tensor<Double>([0, 0]), upstream: Tensor([1, 0])).scalars
        == [0.25, -0.25])
  }

  @Test("A result that lacks what is asked of it throws")
  func results() throws {
    let loss = MeanSquaredErrorLoss()
    let inputs: LossInputs = ["prediction": [1.0, 2], "target": [0.0, 0]]
    let result = try loss.valueAndGradients(inputs, of: [.prediction], reduction: .unreduced)
    #expect(result.value(as: Float.self).scalars == [1, 4])
    #expect(try result.gradient(of: .prediction, as: Float.self).scalars == [2, 4])
    #expect(throws: LossError.self) { try result.scalar(as: Double.self) }
    #expect(throws: LossError.self) { try result.gradient(of: .target, as: Double.self) }
    #expect(throws: LossError.self) { try result.secondDerivative(of: .target, as: Double.self) }
    #expect(throws: LossError.self) { try loss(["prediction": [1.0]]) }
  }
}
