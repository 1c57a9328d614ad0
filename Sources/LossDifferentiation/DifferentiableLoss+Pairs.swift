public import LossCore
import _Differentiation

// Calls of the first two inputs of the signature.
extension DifferentiableLoss {
  /// The value of the loss; differentiable with respect to the prediction.
  ///
  /// - Parameters:
  ///   - prediction: the first input of the signature.
  ///   - target: the second: numbers, or class indices where the loss takes them.
  ///   - weight: weight of each term.
  ///   - mask: terms to keep; where it is false, a term enters neither value nor gradient.
  /// - Returns: the value; NaN if the loss cannot take the inputs.
  @differentiable(reverse,wrt: prediction)
  public func callAsFunction<S: DifferentiableScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil
  ) -> S {
    value { () throws(LossError) in
      try base(
        prediction, target, weight: weight, mask: mask, reduction: reduction,
        classAxis: classAxis, threads: threads)
    }
  }

  /// The value of the loss, with one target per row in an array, such as class indices.
  @differentiable(reverse,wrt: prediction)
  public func callAsFunction<S: DifferentiableScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: [T], weight: [S]? = nil, mask: [Bool]? = nil
  ) -> S {
    self(
      prediction, Tensor(target), weight: weight.map { Tensor($0) }, mask: mask.map { Tensor($0) })
  }

  /// The value of the loss; differentiable with respect to prediction and target.
  ///
  /// A target that depends on the model needs a loss with a gradient of its target.
  @differentiable(reverse,wrt: prediction)
  @differentiable(reverse,wrt: (prediction, target))
  public func callAsFunction<S: DifferentiableScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<S>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil
  ) -> S {
    value { () throws(LossError) in
      try base(
        prediction, target, weight: weight, mask: mask, reduction: reduction,
        classAxis: classAxis, threads: threads)
    }
  }
}

// The derivatives stand in the file of their functions: Swift looks for them nowhere else in a debug
// build. Value and gradients take one pass; a pullback scales the gradients by the derivative of the
// objective with respect to the value.
extension DifferentiableLoss {
  /// The derivative of the call of prediction and target.
  @derivative(of: callAsFunction, wrt: prediction)
  @usableFromInline
  func derivative<S: DifferentiableScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>?, mask: Tensor<Bool>?
  ) -> (value: S, pullback: (S) -> TensorTangent<S>) {
    pairDerivative(prediction, target, weight, mask)
  }

  /// The derivative of the call of prediction and target of one scalar type.
  @derivative(of: callAsFunction, wrt: prediction)
  @usableFromInline
  func derivative<S: DifferentiableScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<S>, weight: Tensor<S>?, mask: Tensor<Bool>?
  ) -> (value: S, pullback: (S) -> TensorTangent<S>) {
    pairDerivative(prediction, target, weight, mask)
  }

  /// The derivative of the call with one target per row in an array.
  @derivative(of: callAsFunction, wrt: prediction)
  @usableFromInline
  func derivative<S: DifferentiableScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: [T], weight: [S]?, mask: [Bool]?
  ) -> (value: S, pullback: (S) -> TensorTangent<S>) {
    pairDerivative(
      prediction, Tensor(target), weight.map { Tensor($0) }, mask.map { Tensor($0) })
  }

  /// The derivative of the call with respect to prediction and target.
  @derivative(of: callAsFunction, wrt: (prediction, target))
  @usableFromInline
  func derivatives<S: DifferentiableScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<S>, weight: Tensor<S>?, mask: Tensor<Bool>?
  ) -> (value: S, pullback: (S) -> (TensorTangent<S>, TensorTangent<S>)) {
    let (value, gradients) = valueAndGradients(of: [prediction, target]) { () throws(LossError) in
      let result = try base.valueAndGradients(
        prediction, target, weight: weight, mask: mask, reduction: reduction,
        classAxis: classAxis, threads: threads)
      return (result.value, [result.prediction, result.target])
    }
    return (value, { scale in (scale * gradients[0], scale * gradients[1]) })
  }

  private func pairDerivative<S: DifferentiableScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, _ weight: Tensor<S>?, _ mask: Tensor<Bool>?
  ) -> (value: S, pullback: (S) -> TensorTangent<S>) {
    let (value, gradients) = valueAndGradients(of: [prediction]) { () throws(LossError) in
      let result = try base.valueAndGradient(
        prediction, target, weight: weight, mask: mask, reduction: reduction,
        classAxis: classAxis, threads: threads)
      return (result.value, [result.gradient])
    }
    return (value, { scale in scale * gradients[0] })
  }
}
