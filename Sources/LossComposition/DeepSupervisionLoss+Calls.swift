public import LossCore

extension DeepSupervisionLoss {
  /// The value of the loss.
  ///
  ///     let loss = DeepSupervisionLoss(of: DiceLoss())
  ///     let value = try loss([fine, middle, coarse], target)
  ///
  /// - Parameters:
  ///   - predictions: the predictions of the levels, the finest first.
  ///   - target: the target of all levels.
  ///   - weight: the weight of each term, at the resolution of the target.
  ///   - mask: the mask of the terms, at the resolution of the target; true keeps a term.
  ///   - reduction: the reduction of the terms; nil for the mean.
  ///   - classAxis: the class axis; nil for the last axis.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  /// - Throws: `LossError` for invalid inputs or options, and for a reduction whose result is not a
  ///   scalar.
  public func callAsFunction<S: ComputeScalar, T: TensorScalar>(
    _ predictions: [Tensor<S>], _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> S {
    let inputs = try inputs(predictions, target, weight, mask)
    let result = try evaluate(
      inputs, reduction: reduction, classAxis: classAxis, in: S.element, threads: threads)
    return try scalar(result)
  }

  /// The value of the loss and its gradient with respect to each prediction.
  ///
  /// The parameters are those of `callAsFunction`.
  public func valueAndGradients<S: ComputeScalar, T: TensorScalar>(
    _ predictions: [Tensor<S>], _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> (value: S, gradients: [Tensor<S>]) {
    let inputs = try inputs(predictions, target, weight, mask)
    let roles = predictions.indices.compactMap(role(ofLevel:))
    let result = try evaluate(
      inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis, in: S.element,
      threads: threads)
    return (try scalar(result), roles.compactMap { result.gradients[$0]?.converted() })
  }

  private func inputs<S: ComputeScalar, T: TensorScalar>(
    _ predictions: [Tensor<S>], _ target: Tensor<T>, _ weight: Tensor<S>?, _ mask: Tensor<Bool>?
  ) throws(LossError) -> LossInputs {
    guard predictions.count <= Self.mostLevels else {
      throw LossError(
        .unknownInput, loss: name, subject: "predictions",
        found: "has \(predictions.count) levels", expected: "at most \(Self.mostLevels)")
    }
    var inputs = LossInputs()
    for (level, prediction) in predictions.enumerated() {
      if let role = role(ofLevel: level) { inputs[role] = AnyTensor(prediction) }
    }
    inputs[options.part?.loss.base.signature.inputs.dropFirst().first?.role ?? .target] =
      AnyTensor(target)
    inputs[.weight] = weight.map { AnyTensor($0) }
    inputs[.mask] = mask.map { AnyTensor($0) }
    return inputs
  }

  private func scalar<S: ComputeScalar>(_ result: LossResult) throws(LossError) -> S {
    let value: Tensor<S> = result.value.converted()
    guard value.rank == 0, let scalar = value.scalars.first else {
      throw LossError(
        .invalidOption, loss: name, subject: "reduction",
        found: "gives a result of shape \(value.shape)", expected: "a reduction to a scalar",
        hint: "Call evaluate for a tensor result.")
    }
    return scalar
  }
}
