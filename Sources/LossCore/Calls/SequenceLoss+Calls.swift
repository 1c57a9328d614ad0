// Calls of sequence losses with the lengths of their sequences.

extension SequenceLoss {
  /// The value of the loss of padded sequences.
  ///
  ///     let value = try CTCLoss()(logits, labels, inputLengths: [50, 43], targetLengths: [12, 9])
  ///
  /// - Parameters:
  ///   - logits: the prediction, `[sequence, time, class]`.
  ///   - labels: the target, `[sequence, label]`.
  ///   - inputLengths: number of time steps of each prediction; nil for all.
  ///   - targetLengths: number of labels of each target; nil for all.
  ///   - weight: weight of each sequence.
  ///   - mask: sequences to keep.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func callAsFunction<S: ComputeScalar>(
    _ logits: Tensor<S>, _ labels: Tensor<Int>, inputLengths: [Int]?, targetLengths: [Int]?,
    weight: [S]? = nil, mask: [Bool]? = nil, reduction: Reduction? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    try self(
      named(logits, labels, inputLengths, targetLengths, weight, mask), reduction: reduction,
      threads: threads)
  }

  /// The value of the loss of padded sequences and its gradient with respect to the logits.
  ///
  /// The parameters are those of `callAsFunction`, and `upstream`, a factor of the gradient.
  public func valueAndGradient<S: ComputeScalar>(
    _ logits: Tensor<S>, _ labels: Tensor<Int>, inputLengths: [Int]?, targetLengths: [Int]?,
    weight: [S]? = nil, mask: [Bool]? = nil, reduction: Reduction? = nil, upstream: S? = nil,
    threads: Int = 1
  ) throws(LossError) -> (value: S, gradient: Tensor<S>) {
    let result = try evaluate(
      named(logits, labels, inputLengths, targetLengths, weight, mask),
      gradientsOf: [.prediction], reduction: reduction,
      upstream: upstream.map { AnyTensor(Tensor($0)) }, in: S.element, threads: threads)
    return (try result.scalar(), try result.gradient(of: .prediction))
  }

  private func named<S: ComputeScalar>(
    _ logits: Tensor<S>, _ labels: Tensor<Int>, _ inputLengths: [Int]?, _ targetLengths: [Int]?,
    _ weight: [S]?, _ mask: [Bool]?
  ) -> LossInputs {
    LossInputs(
      [.prediction: logits, .target: labels],
      optional: [(.predictionLengths, inputLengths), (.targetLengths, targetLengths)],
      weight: weight, mask: mask)
  }
}
