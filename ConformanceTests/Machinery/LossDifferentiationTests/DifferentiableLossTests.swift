import LossDifferentiation
import LossFunctions
import Testing
import _Differentiation

/// A loss of prediction and target, with inputs for it.
private struct PairCase: Sendable, CustomStringConvertible {
  let loss: any CallableLoss
  let target: Target
  var range = -2.0...2.0

  enum Target: Sendable {
    case classes
    case numbers(ClosedRange<Double>)
    case signs
  }

  var description: String { loss.name }

  static let types: [PairCase] = [
    PairCase(loss: CrossEntropyLoss { $0.labelSmoothing = 0.1 }, target: .classes),
    PairCase(loss: FocalLoss(), target: .classes),
    PairCase(loss: HuberLoss { $0.delta = 0.5 }, target: .numbers(-2...2)),
    PairCase(loss: MeanSquaredErrorLoss(), target: .numbers(-2...2)),
    PairCase(loss: HingeLoss(), target: .signs),
    PairCase(loss: CosineDistanceLoss(), target: .numbers(-2...2)),
    PairCase(loss: ListMLELoss(), target: .numbers(0...5)),
    PairCase(loss: DiceLoss { $0.activation = .sigmoid }, target: .numbers(0...1)),
    PairCase(loss: BinaryCrossEntropyLoss(), target: .numbers(0...1), range: 0.1...0.9),
    PairCase(
      loss: 0.7 * MeanSquaredErrorLoss() + 0.3 * MeanAbsoluteErrorLoss(), target: .numbers(-2...2)),
  ]

  static let names: [PairCase] = [
    named("cross_entropy", .classes), named("huber", .numbers(-2...2), ["delta": 0.5]),
    named("torch.cross_entropy", .classes), named("torch.smooth_l1_loss", .numbers(-2...2)),
    named("flux.mse", .numbers(-2...2)), named("optax.huber_loss", .numbers(-2...2)),
  ].compactMap { $0 }

  static func named(
    _ name: String, _ target: Target, _ options: [String: OptionValue] = [:]
  ) -> PairCase? {
    (try? LossRegistry.linked.loss(named: name, options: options)).map {
      PairCase(loss: $0, target: target)
    }
  }
}

/// A repeatable sequence of numbers in a range.
func numbers<S: DifferentiableScalar>(_ count: Int, in range: ClosedRange<Double>, seed: Int) -> [S]
{
  (0..<count).map { index in
    let fraction = Double((index * 37 + seed * 11 + 5) % 64) / 63
    return S(range.lowerBound + (range.upperBound - range.lowerBound) * fraction)
  }
}

/// Whether the bits are the same; NaN is itself.
func isIdentical<S: DifferentiableScalar>(_ first: [S], _ second: [S]) -> Bool {
  first.count == second.count
    && zip(first, second).allSatisfy { a, b in
      a.isNaN ? b.isNaN : a == b && a.sign == b.sign
    }
}

@Suite struct DifferentiableLossTests {
  @Test("types of losses give the bits of valueAndGradient", arguments: PairCase.types)
  private func types(_ pair: PairCase) throws {
    try compare(pair, as: Double.self)
    try compare(pair, as: Float.self)
  }

  @Test("every name is known") func names() { #expect(PairCase.names.count == 6) }

  @Test("losses by name give the bits of valueAndGradient", arguments: PairCase.names)
  private func named(_ pair: PairCase) throws {
    try compare(pair, as: Double.self)
    try compare(pair, as: Float.self)
  }

  private func compare<S: DifferentiableScalar>(_ pair: PairCase, as type: S.Type) throws {
    let prediction = try Tensor<S>(
      shape: [4, 3], scalars: numbers(12, in: pair.range, seed: 1))
    switch pair.target {
    case .classes: try compare(pair.loss, prediction, Tensor([0, 2, 1, 1]))
    case .numbers(let range):
      let target: [S] = numbers(12, in: range, seed: 2)
      try compare(pair.loss, prediction, Tensor(shape: [4, 3], scalars: target))
    case .signs:
      let target = (0..<12).map { $0 % 3 == 0 ? S(1) : -1 }
      try compare(pair.loss, prediction, Tensor(shape: [4, 3], scalars: target))
    }
  }

  private func compare<S: DifferentiableScalar, T: TensorScalar>(
    _ loss: any CallableLoss, _ prediction: Tensor<S>, _ target: Tensor<T>
  ) throws {
    // A region has one term, and flags of its elements.
    let terms = try loss.terms(prediction, target)
    let shape = terms.count == 1 ? prediction.shape : terms.shape
    let flags = (0..<shape.count).map { $0 > 0 }
    let factors = (0..<terms.count).map { S($0 + 1) / 4 }
    let masks = [nil, try Tensor(shape: shape, scalars: flags)]
    let weights = [nil, try Tensor(shape: terms.shape, scalars: factors)]
    for (mask, weight) in zip(masks, weights) {
      for reduction in [Reduction.mean, .sum] {
        let expected = try loss.valueAndGradient(
          prediction, target, weight: weight, mask: mask, reduction: reduction)
        let differentiable = DifferentiableLoss(loss, reduction: reduction)
        let found = try valueAndGradient(at: prediction) { prediction in
          differentiable(prediction, target, weight: weight, mask: mask)
        }
        #expect(isIdentical([found.value], [expected.value]))
        let gradient = try found.gradient.tensor(in: prediction.shape)
        #expect(isIdentical(gradient.scalars, expected.gradient.scalars))
        let value = try throwingLossErrors {
          differentiable(prediction, target, weight: weight, mask: mask)
        }
        #expect(isIdentical([value], [expected.value]))
      }
    }
  }

  // The other calls.

  @Test("class indices in an array") func arrays() throws {
    let prediction = try Tensor(shape: [2, 3], scalars: [1.0, -1, 0.5, 2, 0, 1])
    let loss = CrossEntropyLoss()
    let expected = try loss.valueAndGradient(
      prediction, [2, 0], weight: [1, 3], mask: [true, true])
    let differentiable = DifferentiableLoss(loss)
    let found = try valueAndGradient(at: prediction) {
      differentiable($0, [2, 0], weight: [1, 3], mask: [true, true])
    }
    #expect(found.value == expected.value)
    #expect(found.gradient.tensor == expected.gradient)
  }

  @Test("prediction and target that depend on the model") func targets() throws {
    struct Pair: Differentiable { var prediction, target: Tensor<Float> }
    let pair = Pair(prediction: Tensor([0.2, 0.3, 0.5]), target: Tensor([0.1, 0.6, 0.3]))
    let loss = KLDivergenceLoss()
    let expected = try loss.valueAndGradients(pair.prediction, pair.target)
    let differentiable = DifferentiableLoss(loss)
    let found = try valueAndGradient(at: pair) { differentiable($0.prediction, $0.target) }
    #expect(found.value == expected.value)
    #expect(found.gradient.prediction.tensor == expected.prediction)
    #expect(found.gradient.target.tensor == expected.target)
  }

  @Test("losses of three tensors") func triples() throws {
    struct Triple: Differentiable { var anchor, positive, negative: Tensor<Double> }
    let triple = try Triple(
      anchor: Tensor(shape: [2, 2], scalars: [1, 2, 0, 1]),
      positive: Tensor(shape: [2, 2], scalars: [1, 1, 0.5, 1]),
      negative: Tensor(shape: [2, 2], scalars: [0.5, 2, 1, 1]))
    let loss = TripletMarginLoss()
    let expected = try loss.valueAndGradients([
      "anchor": triple.anchor, "positive": triple.positive, "negative": triple.negative,
    ])
    let differentiable = DifferentiableLoss(loss)
    let found = try valueAndGradient(at: triple) {
      differentiable($0.anchor, $0.positive, $0.negative)
    }
    #expect(found.value == (try expected.scalar()))
    #expect(found.gradient.anchor.tensor == (try expected.gradient(of: "anchor")))
    #expect(found.gradient.positive.tensor == (try expected.gradient(of: "positive")))
    #expect(found.gradient.negative.tensor == (try expected.gradient(of: "negative")))
    let fixed = try valueAndGradient(at: triple) {
      differentiable($0.anchor, $0.positive, triple.negative)
    }
    #expect(fixed.gradient.positive == found.gradient.positive)
    #expect(fixed.gradient.negative == .zero)
    let first = try valueAndGradient(at: triple) {
      differentiable($0.anchor, triple.positive, triple.negative)
    }
    #expect(first.gradient.anchor == found.gradient.anchor)
  }

  @Test("a model that gives mean and variance") func variances() throws {
    struct Normal: Differentiable { var mean, variance: Tensor<Double> }
    let normal = Normal(mean: Tensor([1.0, 2]), variance: Tensor([0.5, 2]))
    let target = Tensor([1.5, 0])
    let expected = try GaussianNLLLoss().valueAndGradients([
      "prediction": normal.mean, "target": target, "variance": normal.variance,
    ])
    let loss = DifferentiableLoss(GaussianNLLLoss())
    let found = try valueAndGradient(at: normal) { loss($0.mean, target, $0.variance) }
    #expect(found.gradient.mean.tensor == (try expected.gradient(of: "prediction")))
    #expect(found.gradient.variance.tensor == (try expected.gradient(of: "variance")))
  }

  @Test("inputs by role") func roles() throws {
    let logits = try Tensor<Double>(
      shape: [2, 4, 3], scalars: numbers(24, in: -2...2, seed: 3))
    let others: LossInputs = [
      "target": try Tensor(shape: [2, 2], scalars: [1, 2, 2, 1]), "prediction_lengths": [4, 3],
      "target_lengths": [2, 1],
    ]
    var inputs = others
    inputs["prediction"] = AnyTensor(logits)
    let expected = try CTCLoss().valueAndGradients(inputs)
    let loss = DifferentiableLoss(CTCLoss())
    let found = try valueAndGradient(at: logits) { loss($0, with: others) }
    #expect(found.value == (try expected.scalar()))
    #expect(found.gradient.tensor == (try expected.gradient(of: "prediction")))
  }

  @Test("terms of a loss and elements of a transform") func terms() throws {
    let scores = try Tensor(shape: [2, 3], scalars: [1.0, -1, 0.5, 2, 0, 1])
    let (softmax, loss) = (Softmax(), CrossEntropyLoss { $0.fromLogits = false })
    let probabilities = try softmax(scores)
    let upstream = try loss.valueAndGradient(probabilities, [2, 0])
    let expected = try softmax.gradient(scores, upstream: upstream.gradient)
    let (transform, differentiable) = (DifferentiableLoss(softmax), DifferentiableLoss(loss))
    let found = try valueAndGradient(at: scores) {
      differentiable(transform.terms(of: $0), [2, 0])
    }
    #expect(found.value == upstream.value)
    #expect(found.gradient.tensor == expected)
  }

  // Sums, scalings and penalties.

  struct Model: Differentiable {
    var weights: Tensor<Double>
    var bias: Tensor<Double>

    @differentiable(reverse)
    func callAsFunction(_ features: Tensor<Double>) -> Tensor<Double> {
      matrixProduct(features, weights) + bias
    }
  }

  @Test("a weighted sum in Swift is a sum of losses") func sums() throws {
    let prediction = try Tensor<Double>(shape: [2, 3], scalars: numbers(6, in: -2...2, seed: 1))
    let target = try Tensor<Double>(shape: [2, 3], scalars: numbers(6, in: -2...2, seed: 2))
    let sum = 0.7 * MeanSquaredErrorLoss() + 0.3 * MeanAbsoluteErrorLoss()
    let expected = try sum.valueAndGradient(prediction, target)
    let squared = DifferentiableLoss(MeanSquaredErrorLoss())
    let absolute = DifferentiableLoss(MeanAbsoluteErrorLoss())
    let found = try valueAndGradient(at: prediction) {
      0.7 * squared($0, target) + 0.3 * absolute($0, target)
    }
    #expect(found.value == expected.value)
    #expect(found.gradient.tensor == expected.gradient)
  }

  @Test("a model with a penalty on its weights") func penalties() throws {
    let model = try Model(
      weights: Tensor(shape: [2, 3], scalars: [1, -1, 0.5, 2, 0, 1]), bias: Tensor([0.1, 0, -0.1]))
    let features = try Tensor(shape: [2, 2], scalars: [1.0, 2, -1, 0.5])
    let loss = DifferentiableLoss(CrossEntropyLoss())
    let penalty = DifferentiableLoss(L2Penalty())
    @differentiable(reverse)
    func objective(_ model: Model) -> Double {
      loss(model(features), [2, 0]) + 0.01 * penalty(model.weights)
    }
    let found = try valueAndGradient(at: model, of: objective)
    let expected = try CrossEntropyLoss().valueAndGradient(model(features), [2, 0])
    let l2 = try L2Penalty().valueAndGradients(["parameters": model.weights])
    #expect(found.value == expected.value + 0.01 * (try l2.scalar()))
    var weights = try L2Penalty().valueAndGradients(
      ["parameters": model.weights], upstream: Tensor(0.01)
    ).gradient(of: "parameters", as: Double.self).scalars
    for row in 0..<2 {
      for inner in 0..<2 {
        for column in 0..<3 {
          weights[inner * 3 + column] +=
            features.scalars[row * 2 + inner] * expected.gradient.scalars[row * 3 + column]
        }
      }
    }
    for (found, expected) in zip(found.gradient.weights.tensor?.scalars ?? [], weights) {
      #expect(abs(found - expected) <= 4e-16)
    }
    #expect(found.gradient.bias.tensor?.shape == model.bias.shape)
    #expect(gradient(at: model, of: objective) == found.gradient)
  }
}
