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

  @Test("the reduction of a call is that of the framework")
  func reductionsOfCalls() throws {
    let registry = LossRegistry.linked
    // PyTorch's mean divides by the class weights; its value is of a run.
    let logits = try Tensor<Double>(shape: [2, 2], scalars: [1, 2, 0.5, 0])
    let weighted = try registry.loss(
      named: "torch.cross_entropy", options: ["weight": [1, 3]], reduction: .sum)
    let value = 1.0588731600146357
    #expect(try agree([weighted(logits, [0, 1], reduction: .mean)], [value]))
    #expect(try agree([weighted(logits, [0, 1])], [4 * value]))
    let (typed, gradient) = try weighted.valueAndGradient(logits, [0, 1], reduction: .mean)
    let plain = try registry.loss(named: "torch.cross_entropy").evaluate(
      ["input": logits, "target": [0, 1], "weight": Tensor([1.0, 3.0])], gradientsOf: ["input"],
      reduction: .mean)
    #expect(try plain.scalar() == typed && plain.gradient(of: "input") == gradient)
    // Fifteen of 81 paths have the labels 1 and 2; only the mean divides by their number.
    let uniform = Tensor(repeating: -Double.log(3), shape: try Shape([4, 1, 3]))
    let ctc: LossInputs = [
      "log_probs": uniform, "targets": try Tensor(shape: [1, 2], scalars: [1, 2]),
      "input_lengths": [4], "target_lengths": [2],
    ]
    let sum = -Double.log(15.0 / 81)
    let loss = try registry.loss(named: "torch.ctc_loss")
    #expect(try agree([loss.evaluate(ctc).scalar()], [sum / 2]))
    #expect(try agree([loss.evaluate(ctc, reduction: .sum).scalar()], [sum]))
    // Keras averages over the last axis before any reduction.
    let keras = try registry.loss(named: "keras.losses.MeanSquaredError")
    let (zeros, target) = (
      try Tensor<Double>(shape: [2, 2], scalars: [0, 0, 0, 0]),
      try Tensor<Double>(shape: [2, 2], scalars: [1, 2, 3, 4])
    )
    #expect(try keras(zeros, target, reduction: .sum) == 15)
    #expect(try keras.terms(zeros, target) == Tensor([2.5, 12.5]))
  }

  @Test("memory of another size for a gradient is refused where tensors are brought into our form")
  func sizeOfGradient() throws {
    let loss = try LossRegistry.linked.loss(named: "flux.sparsecrossentropy")
    let (prediction, target) = ([0.25, 0.75], [1])
    var gradient = [0.0, 0, 0]
    let error = refusal { () throws(LossError) in
      var span = gradient.mutableSpan
      return try loss.valueAndGradient(
        prediction.span, target.span, shape: Shape([2, 1]), targetShape: Shape([1]), into: &span)
    }
    #expect(error?.code == .shapeMismatch)
  }

  @Test("a part of a sum does not change its inputs")
  func partsOfSums() {
    #expect(throws: LossError.self) {
      try LossRegistry.linked.loss(
        named: "sum",
        options: ["losses": [["loss": "keras.dice", "options": ["axis": [0]]]]])
    }
  }

  @Test("classes of Keras take the weights of the samples as third argument, functions do not")
  func thirdArgumentOfKeras() throws {
    let registry = LossRegistry.linked
    let tensors = try [[0.0, 0], [3.0, 1], [4.0, 1]].map {
      try Tensor<Double>(shape: [2, 1], scalars: $0)
    }
    let loss = try registry.loss(named: "keras.losses.MeanSquaredError")
    #expect(try loss.evaluate(arguments: tensors).scalar() == 18.5)
    let function = try registry.loss(named: "keras.losses.mean_squared_error")
    #expect(throws: LossError.self) { try function.evaluate(arguments: tensors) }
  }

  @Test(
    "a refusal under the name of a framework says what to do instead", arguments: try Refused.calls)
  func hint(_ call: Refused) throws {
    let loss = try LossRegistry.linked.loss(named: call.name, options: call.options)
    let error = refusal { () throws(LossError) in try loss.evaluate(call.inputs) }
    #expect(error?.hint == call.hint)
  }
}

/// A call that is refused, and the hint.
struct Refused: Sendable, CustomTestStringConvertible {
  let name: String
  let options: [String: OptionValue]
  let inputs: LossInputs
  let hint: String
  var testDescription: String { name }

  static var calls: [Refused] {
    get throws {
      let channel = Tensor(repeating: 0.5, shape: try Shape([2, 1, 1, 2]))
      let channels = Tensor(repeating: 0.5, shape: try Shape([2, 2, 1, 2]))
      let rows = Tensor(repeating: 0.5, shape: try Shape([2, 2]))
      let indices = Tensor(repeating: 0, shape: try Shape([2, 1, 2]))
      let column = Tensor(repeating: 0, shape: try Shape([2, 1, 1, 2]))
      return [
        Refused(
          name: "monai.DiceLoss", options: [:], inputs: ["input": channel, "target": indices],
          hint: "Add an axis of extent 1: [2, 1, 1, 2]."),
        Refused(
          name: "monai.HausdorffDTLoss", options: [:],
          inputs: ["input": channel, "target": channel], hint: "Set include_background to true."),
        Refused(
          name: "monai.FocalLoss", options: ["to_onehot_y": true],
          inputs: ["input": channels, "target": column],
          hint: "Convert class indices to one-hot before the call."),
        Refused(
          name: "torch.binary_cross_entropy_with_logits", options: [:],
          inputs: [
            "input": channels, "target": channels,
            "pos_weight": Tensor(repeating: 2.0, shape: try Shape([2, 1, 1])),
          ],
          hint:
            "Flatten it and move the class axis of the other tensors to the end: its axis is the last "
            + "one."
        ),
        Refused(
          name: "keras.losses.CategoricalFocalCrossentropy",
          options: ["alpha": [1, 2], "reduction": "mean_with_sample_weight"],
          inputs: ["y_true": rows, "y_pred": rows, "sample_weight": Tensor([1.0, 3.0])],
          hint: "Divide sample_weight by its mean and set reduction to mean."),
      ]
    }
  }
}
