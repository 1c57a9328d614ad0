public import LossCore

extension DeepSupervisionLoss {
  /// The value of the loss.
  ///
  ///     let loss = DeepSupervisionLoss(of: DiceLoss())
  ///     let value = try loss([fine, middle, coarse], target)
  ///
  /// - Parameters:
  ///   - predictions: the predictions, the finest first.
  ///   - target: what is true, for all of them.
  ///   - weight: how much each term counts, at the resolution of the target.
  ///   - mask: which terms count, at the resolution of the target.
  ///   - reduction: how the terms become one number; nil for the mean.
  ///   - classAxis: where the class axis lies; nil for the last axis.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take, and for a reduction that
  ///   leaves more than one number.
  public func callAsFunction<S: ComputeScalar, T: TensorScalar>(
    _ predictions: [Tensor<S>], _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> S {
    let inputs = try inputs(predictions, target, weight, mask)
    let result = try evaluate(
      inputs, reduction: reduction, classAxis: classAxis, in: S.element, threads: threads)
    return try number(result)
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
    return (try number(result), roles.compactMap { result.gradients[$0]?.converted() })
  }

  private func inputs<S: ComputeScalar, T: TensorScalar>(
    _ predictions: [Tensor<S>], _ target: Tensor<T>, _ weight: Tensor<S>?, _ mask: Tensor<Bool>?
  ) throws(LossError) -> LossInputs {
    guard predictions.count <= Self.mostLevels else {
      throw LossError(
        .unknownInput, loss: name, subject: "predictions", found: "are \(predictions.count)",
        expected: "no more than \(Self.mostLevels)")
    }
    var inputs = LossInputs()
    for (level, prediction) in predictions.enumerated() {
      if let role = role(ofLevel: level) { inputs[role] = prediction.anyTensor }
    }
    inputs[options.part?.loss.base.signature.inputs.dropFirst().first?.role ?? .target] =
      target.anyTensor
    inputs[.weight] = weight?.anyTensor
    inputs[.mask] = mask?.anyTensor
    return inputs
  }

  private func number<S: ComputeScalar>(_ result: LossResult) throws(LossError) -> S {
    let value: Tensor<S> = result.value.converted()
    guard value.rank == 0, let number = value.scalars.first else {
      throw LossError(
        .invalidOption, loss: name, subject: "reduction",
        found: "leaves a result of shape \(value.shape)", expected: "one that leaves one number",
        hint: "Use evaluate for the rest.")
    }
    return number
  }
}
