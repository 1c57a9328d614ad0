import LossDifferentiation
import LossFunctions
import _Differentiation

/// The linear layer of `LinearModel` as a value that Swift differentiates: no gradient is written here.
struct DifferentiableModel: Differentiable {
  /// `[feature, score]`.
  var weights: Tensor<Double>
  /// One number per score.
  var bias: Tensor<Double>

  init(features: Int, scores: Int) throws(LossError) {
    weights = Tensor(repeating: 0, shape: try Shape([features, scores]))
    bias = Tensor(repeating: 0, shape: try Shape([scores]))
  }

  /// The scores of each row of features.
  @differentiable(reverse)
  func callAsFunction(_ features: Tensor<Double>) -> Tensor<Double> {
    matrixProduct(features, weights) + bias
  }
}

/// Gradient descent with momentum on a model that Swift differentiates.
struct DifferentiableDescent {
  var rate: Double
  var momentum = 0.9
  private var velocity = DifferentiableModel.TangentVector.zero

  init(rate: Double) { self.rate = rate }

  /// Updates the model, and returns the objective before the step.
  mutating func step(
    _ model: inout DifferentiableModel,
    on objective: @differentiable(reverse) (DifferentiableModel) -> Double
  ) throws(LossError) -> Double {
    let (value, gradient) = try valueAndGradient(at: model, of: objective)
    velocity.weights = momentum * velocity.weights - rate * gradient.weights
    velocity.bias = momentum * velocity.bias - rate * gradient.bias
    model.move(by: velocity)
    return value
  }
}

extension LinearModel {
  /// The same scores, for the counts of correct samples.
  init(_ model: DifferentiableModel) {
    self.init(
      features: model.weights.shape.extents[0], scores: model.bias.count)
    weights = model.weights.scalars + model.bias.scalars
  }
}
