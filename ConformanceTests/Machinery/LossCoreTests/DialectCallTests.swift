import LossFunctions
import Testing

/// Tensors that frameworks take as arguments: class weights, weights of terms, other shapes.
@Suite struct DialectCallTests {
  private let logits: Tensor<Double>

  init() throws {
    logits = try Tensor(shape: [2, 2], scalars: [1, 2, 0.5, 0])
  }

  @Test("a tensor that is an option of the framework makes the loss again")
  func tensorOption() throws {
    let loss = try LossRegistry.linked.loss(named: "torch.cross_entropy")
    let classes = Tensor([1, 1])
    let asOption = try LossRegistry.linked.loss(
      named: "torch.cross_entropy", options: ["weight": [1, 3]])
    let expected: Double = try asOption(["input": logits, "target": classes])
    let value: Double = try loss([
      "input": logits, "target": classes, "weight": Tensor([1.0, 3.0]),
    ])
    #expect(value == expected)
    #expect(
      try loss.evaluate(arguments: [logits, classes, Tensor([1.0, 3.0])]).scalar() == expected)
    #expect(throws: LossError.self) {
      try asOption.evaluate(["input": logits, "target": classes, "weight": Tensor([1.0, 3.0])])
    }
  }

  @Test("typed calls have weights of terms, which by name are sample_weight")
  func weightOfTerms() throws {
    let loss = try LossRegistry.linked.loss(named: "torch.cross_entropy")
    let classes = Tensor([1, 1])
    let weight = Tensor([1.0, 3.0])
    let own = CrossEntropyLoss()
    let expected = try own(logits, classes, weight: weight, reduction: .weightedMean)
    #expect(try loss(logits, classes, weight: weight) == expected)
    let named: Double = try loss(["input": logits, "target": classes, "sample_weight": weight])
    #expect(named == expected)
    let terms = try loss.terms(logits, classes, weight: weight)
    #expect(terms == (try own.terms(logits, classes, weight: weight)))
    #expect(try loss.unchecked(logits, classes, weight: weight) == expected)
  }

  @Test("a weight of elements is broadcast from the last axis, also as an option")
  func weightOfElements() throws {
    let target = try Tensor<Double>(shape: [2, 2], scalars: [1, 0, 0, 1])
    let name = "torch.binary_cross_entropy_with_logits"
    let loss = try LossRegistry.linked.loss(named: name)
    let rows = try Tensor<Double>(shape: [2, 2], scalars: [1, 3, 1, 3])
    let expected = try loss(logits, target, weight: rows)
    #expect(try loss(logits, target, weight: Tensor([1.0, 3.0])) == expected)
    #expect(
      try loss.evaluate(arguments: [logits, target, Tensor([1.0, 3.0])]).scalar() == expected)
    let configured = try LossRegistry.linked.loss(named: name, options: ["weight": [1, 3]])
    #expect(try configured(logits, target) == expected)
  }

  @Test("an upstream gradient has the shape of the framework's result")
  func upstreamOfKeptAxes() throws {
    let target = try Tensor<Double>(shape: [2, 2], scalars: [1, 0, 0, 1])
    for classAxis in 1...2 {
      let loss = try LossRegistry.linked.loss(
        named: "flux.logitcrossentropy",
        options: ["agg": "identity", "dims": .number(Double(classAxis))])
      let inputs: LossInputs = ["prediction": logits, "target": target]
      let plain = try loss.evaluate(inputs, gradientsOf: ["prediction"])
      let upstream = AnyTensor(Tensor(repeating: 2.0, shape: plain.value.shape))
      let doubled = try loss.evaluate(inputs, gradientsOf: ["prediction"], upstream: upstream)
      let expected: Tensor<Double> = try plain.gradient(of: "prediction")
      #expect(plain.value.shape.rank == 2)
      #expect(try doubled.gradient(of: "prediction") == expected.map { 2 * $0 })
    }
  }

  @Test("a gradient has the shape of the tensor that was given")
  func shapesOfGradients() throws {
    let loss = try LossRegistry.linked.loss(named: "torch.gaussian_nll_loss")
    let target = try Tensor<Double>(shape: [2, 2], scalars: [0, 0, 1, 1])
    let result = try loss.evaluate(
      ["input": logits, "target": target, "var": Tensor([1.0, 2.0])], gradientsOf: ["var"])
    let gradient: Tensor<Double> = try result.gradient(of: "var")
    #expect(gradient == Tensor([-0.375, 0.0859375]))
  }

  @Test("a part of a sum does not change its inputs")
  func partsOfSums() {
    #expect(throws: LossError.self) {
      try LossRegistry.linked.loss(
        named: "sum",
        options: ["losses": [["loss": "keras.dice", "options": ["axis": [0]]]]])
    }
  }
}
