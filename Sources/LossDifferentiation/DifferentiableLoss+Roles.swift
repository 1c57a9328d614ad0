public import LossCore
import _Differentiation

// Calls of losses of one input, of three, and of any other that the roles name.
extension DifferentiableLoss {
  /// The value of a loss of one input, such as a penalty on parameters, or with its other inputs by
  /// role; differentiable with respect to the first input of the signature.
  ///
  ///     penalty(model.weights)
  ///     ctc(logits, with: ["target": labels, "prediction_lengths": lengths])
  ///
  /// - Parameters:
  ///   - first: the first input of the signature.
  ///   - others: the other inputs by role, `weight` and `mask` among them.
  /// - Returns: the value; NaN if the loss cannot take the inputs.
  @differentiable(reverse,wrt: first)
  public func callAsFunction<S: DifferentiableScalar>(
    _ first: Tensor<S>, with others: LossInputs = [:]
  ) -> S {
    value { () throws(LossError) in try result([first], others).scalar() }
  }

  /// The value of a loss of three tensors, in the order of its signature; differentiable with
  /// respect to those that depend on the model.
  ///
  ///     triplet(model(anchors), model(positives), model(negatives))
  @differentiable(reverse,wrt: first)
  @differentiable(reverse,wrt: (first, second))
  @differentiable(reverse,wrt: (first, third))
  @differentiable(reverse,wrt: (first, second, third))
  public func callAsFunction<S: DifferentiableScalar>(
    _ first: Tensor<S>, _ second: Tensor<S>, _ third: Tensor<S>, with others: LossInputs = [:]
  ) -> S {
    value { () throws(LossError) in try result([first, second, third], others).scalar() }
  }

  /// The terms of the loss before any reduction, or the result of a reduction that leaves axes;
  /// differentiable with respect to the first input of the signature.
  ///
  /// The elements of a transform are its terms:
  ///
  ///     let softmax = DifferentiableLoss(Softmax())
  ///     let probabilities = softmax.terms(of: scores)
  ///
  /// The parameters are those of the call with the other inputs by role.
  ///
  /// - Returns: the terms; NaN in the shape of the first input if the loss cannot take the inputs.
  @differentiable(reverse,wrt: first)
  public func terms<S: DifferentiableScalar>(
    of first: Tensor<S>, with others: LossInputs = [:]
  ) -> Tensor<S> {
    do throws(LossError) {
      return try result([first], others, reduction: reduction ?? .unreduced).value()
    } catch {
      LossErrorRecord.record(error)
      return .undefined(first.shape)
    }
  }
}

// The derivatives stand in the file of their functions: Swift looks for them nowhere else in a debug
// build. Value and gradients take one pass; a pullback scales the gradients by the derivative of the
// objective with respect to the value.
extension DifferentiableLoss {
  /// The derivative of the call of one input.
  @derivative(of: callAsFunction, wrt: first)
  @usableFromInline
  func derivative<S: DifferentiableScalar>(
    _ first: Tensor<S>, with others: LossInputs
  ) -> (value: S, pullback: (S) -> TensorTangent<S>) {
    let (value, gradients) = valueAndGradients(of: [first], others, at: [0])
    return (value, { scale in scale * gradients[0] })
  }

  /// The derivative of the call of three tensors with respect to the first.
  @derivative(of: callAsFunction, wrt: first)
  @usableFromInline
  func derivative<S: DifferentiableScalar>(
    _ first: Tensor<S>, _ second: Tensor<S>, _ third: Tensor<S>, with others: LossInputs
  ) -> (value: S, pullback: (S) -> TensorTangent<S>) {
    let (value, gradients) = valueAndGradients(of: [first, second, third], others, at: [0])
    return (value, { scale in scale * gradients[0] })
  }

  /// The derivative of the call of three tensors with respect to the first and the second.
  @derivative(of: callAsFunction, wrt: (first, second))
  @usableFromInline
  func derivativesOfFirstTwo<S: DifferentiableScalar>(
    _ first: Tensor<S>, _ second: Tensor<S>, _ third: Tensor<S>, with others: LossInputs
  ) -> (value: S, pullback: (S) -> (TensorTangent<S>, TensorTangent<S>)) {
    let (value, gradients) = valueAndGradients(of: [first, second, third], others, at: [0, 1])
    return (value, { scale in (scale * gradients[0], scale * gradients[1]) })
  }

  /// The derivative of the call of three tensors with respect to the first and the third.
  @derivative(of: callAsFunction, wrt: (first, third))
  @usableFromInline
  func derivativesOfFirstAndThird<S: DifferentiableScalar>(
    _ first: Tensor<S>, _ second: Tensor<S>, _ third: Tensor<S>, with others: LossInputs
  ) -> (value: S, pullback: (S) -> (TensorTangent<S>, TensorTangent<S>)) {
    let (value, gradients) = valueAndGradients(of: [first, second, third], others, at: [0, 2])
    return (value, { scale in (scale * gradients[0], scale * gradients[1]) })
  }

  /// The derivative of the call of three tensors with respect to all of them.
  @derivative(of: callAsFunction, wrt: (first, second, third))
  @usableFromInline
  func derivatives<S: DifferentiableScalar>(
    _ first: Tensor<S>, _ second: Tensor<S>, _ third: Tensor<S>, with others: LossInputs
  ) -> (
    value: S, pullback: (S) -> (TensorTangent<S>, TensorTangent<S>, TensorTangent<S>)
  ) {
    let (value, gradients) = valueAndGradients(of: [first, second, third], others, at: [0, 1, 2])
    return (
      value, { scale in (scale * gradients[0], scale * gradients[1], scale * gradients[2]) }
    )
  }

  /// The derivative of the terms.
  @derivative(of: terms, wrt: first)
  @usableFromInline
  func termsDerivative<S: DifferentiableScalar>(
    of first: Tensor<S>, with others: LossInputs
  ) -> (value: Tensor<S>, pullback: (TensorTangent<S>) -> TensorTangent<S>) {
    (
      terms(of: first, with: others),
      { upstream in
        // The loss needs what the terms are multiplied by, which only the pullback knows.
        guard let upstream = upstream.tensor else { return .zero }
        do throws(LossError) {
          let result = try result(
            [first], others, gradientsOf: [0], reduction: reduction ?? .unreduced,
            upstream: upstream)
          return TensorTangent(try result.gradient(of: base.signature.inputs[0].role))
        } catch {
          LossErrorRecord.record(error)
          return TensorTangent(.undefined(first.shape))
        }
      }
    )
  }

  /// The value of a call by role, and the gradients of those of its tensors that are at `indices`.
  private func valueAndGradients<S: DifferentiableScalar>(
    of tensors: [Tensor<S>], _ others: LossInputs, at indices: [Int]
  ) -> (value: S, gradients: [TensorTangent<S>]) {
    valueAndGradients(of: indices.map { tensors[$0] }) { () throws(LossError) in
      let result = try result(tensors, others, gradientsOf: indices)
      var gradients: [Tensor<S>] = []
      for index in indices {
        gradients.append(try result.gradient(of: base.signature.inputs[index].role))
      }
      return (try result.scalar(), gradients)
    }
  }
}
