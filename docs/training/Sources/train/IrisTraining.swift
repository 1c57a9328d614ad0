import LossDifferentiation
import LossFunctions

/// A linear classifier with three scores per flower, trained with any classification loss.
///
/// `cross_entropy` gives softmax regression, `binary_cross_entropy` three one-versus-rest logistic
/// regressions, `hinge` three support vector machines without regularization, and
/// `mean_squared_error` least squares.
struct IrisTraining {
  let loss: any LossProtocol
  let iris: Iris
  private let target: AnyTensor
  /// Whether the loss takes probabilities, which need a softmax of the scores.
  private let needsSoftmax: Bool

  /// - Throws: `LossError` for a loss that is not a classification loss.
  init(_ loss: any LossProtocol, _ iris: Iris) throws(LossError) {
    self.loss = loss
    self.iris = iris
    guard let prediction = loss.signature.input(.prediction),
      let target = loss.signature.input(.target), prediction.domain != .logDistribution,
      !target.takesSequences
    else {
      throw LossError(
        .invalidValue, loss: loss.name, subject: "the loss",
        found: "does not compare scores or probabilities with classes",
        expected: "one that does, such as cross_entropy")
    }
    needsSoftmax = [.probability, .distribution].contains(prediction.domain)
    self.target = try Self.encoded(
      iris.training.map(\.species), count: iris.species.count, for: target)
  }

  /// Classes in the encoding of the loss's signature: indices, one-hot numbers, or signs.
  private static func encoded(
    _ classes: [Int], count: Int, for input: InputSpecification
  ) throws(LossError) -> AnyTensor {
    if input.takesClasses { return AnyTensor(Tensor(classes)) }
    let negative = input.domain == .sign ? -1.0 : 0.0
    let numbers = classes.flatMap { label in (0..<count).map { $0 == label ? 1 : negative } }
    return try AnyTensor(Tensor(shape: [classes.count, count], scalars: numbers))
  }

  /// Trains, and returns the loss before each step.
  func run(_ model: inout LinearModel, steps: Int) throws(LossError) -> [Double] {
    let rows = iris.training.map(\.lengths)
    var descent = Descent(rate: 0.1)
    var losses: [Double] = []
    for _ in 0..<steps {
      let scores = try Tensor(
        shape: [rows.count, model.scoreCount], scalars: model.scores(of: rows))
      let (value, derivatives) = try valueAndDerivatives(of: scores)
      losses.append(value)
      descent.step(&model.weights, against: model.gradient(of: rows, from: derivatives))
    }
    return losses
  }

  /// Trains a model that Swift differentiates, and returns the loss before each step.
  func run(_ model: inout DifferentiableModel, steps: Int) throws(LossError) -> [Double] {
    let features = try Tensor(rows: iris.training.map(\.lengths))
    let loss = DifferentiableLoss(loss, reduction: .mean)
    let softmax = DifferentiableLoss(Softmax())
    let (target, needsSoftmax) = (target, needsSoftmax)
    var descent = DifferentiableDescent(rate: 0.1)
    var losses: [Double] = []
    for _ in 0..<steps {
      losses.append(
        try descent.step(&model) { model in
          let scores = model(features)
          let prediction = needsSoftmax ? softmax.terms(of: scores) : scores
          return loss(prediction, with: ["target": target])
        })
    }
    return losses
  }

  /// The loss of the scores, and its gradient with respect to them.
  private func valueAndDerivatives(
    of scores: Tensor<Double>
  ) throws(LossError) -> (value: Double, derivatives: [Double]) {
    let softmax = Softmax()
    let logits: LossInputs = ["prediction": AnyTensor(scores)]
    let prediction = needsSoftmax ? try softmax.evaluate(logits).value : AnyTensor(scores)
    let result = try loss.evaluate(
      ["prediction": prediction, "target": target], gradientsOf: ["prediction"],
      reduction: .mean)
    var derivatives = result.gradients["prediction"]
    if needsSoftmax {
      // Backpropagates through the softmax.
      derivatives = try softmax.evaluate(logits, gradientsOf: ["prediction"], upstream: derivatives)
        .gradients["prediction"]
    }
    return (result.value.doubles.first ?? .nan, derivatives?.doubles ?? [])
  }

  /// The number of flowers with the highest score for their species.
  static func correctCount(of model: LinearModel, on flowers: [Iris.Flower]) -> Int {
    flowers.count { flower in
      let scores = model.scores(of: [flower.lengths])
      return scores.firstIndex(of: scores.max() ?? 0) == flower.species
    }
  }
}

extension InputSpecification {
  fileprivate var takesClasses: Bool {
    encodings.contains { if case .classIndex = $0.kind { true } else { false } }
  }

  fileprivate var takesSequences: Bool {
    encodings.contains { if case .label = $0.kind { true } else { false } }
  }
}
