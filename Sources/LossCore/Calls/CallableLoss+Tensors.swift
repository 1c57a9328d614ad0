// Calls of two inputs, the first two of the signature: for most losses prediction and target.

extension CallableLoss {
  /// The value of the loss.
  ///
  ///     let loss = HuberLoss(delta: 0.5)
  ///     let value = try loss(prediction, target)
  ///
  /// - Parameters:
  ///   - prediction: the first input of the signature.
  ///   - target: the second: numbers, or class indices where the loss takes them.
  ///   - weight: weight of each term.
  ///   - mask: terms to keep; where it is false, a term enters neither value nor gradient.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - classAxis: position of the class axis; nil for the last axis.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take, and for a reduction
  ///   that leaves more than one number; see `terms` for those.
  @inlinable
  public func callAsFunction<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: Tensor<T>, weight: Tensor<P.Compute>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> P.Compute {
    let request = CallSettings<P.Compute>(reduction ?? defaultReduction, classAxis, threads)
    return try perform(request, prediction, target, weight, mask, into: nil)
  }

  /// The value of the loss and its gradient with respect to the prediction, in one pass.
  ///
  /// The parameters are those of `callAsFunction`, and `upstream`: the derivative of what is
  /// trained with respect to this value, by which the gradient is multiplied.
  @inlinable
  public func valueAndGradient<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: Tensor<T>, weight: Tensor<P.Compute>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    upstream: P.Compute? = nil, threads: Int = 1
  ) throws(LossError) -> (value: P.Compute, gradient: Tensor<P>) {
    let request = CallSettings(reduction ?? defaultReduction, classAxis, threads, upstream)
    var gradient = [P](repeating: .zero, count: prediction.count)
    let value = try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(request, prediction, target, weight, mask, into: buffer)
    }
    return (value, Tensor(trusted: prediction.shape, gradient))
  }

  /// The value of the loss and its gradients with respect to prediction and target.
  ///
  /// The parameters are those of `valueAndGradient`.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a loss without a gradient of its target.
  public func valueAndGradients<S: ComputeScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<S>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    upstream: S? = nil, threads: Int = 1
  ) throws(LossError) -> (value: S, prediction: Tensor<S>, target: Tensor<S>) {
    let (first, second) = try pairOfRoles()
    let result = try evaluate(
      named(prediction, target, weight, mask), gradientsOf: [first, second],
      secondDerivativesOf: [], reduction: reduction, classAxis: classAxis,
      upstream: upstream.map { AnyTensor(Tensor($0)) }, in: S.element, threads: threads,
      domainChecks: nil)
    return (
      try result.scalar(), try result.gradient(of: first), try result.gradient(of: second)
    )
  }

  /// The second derivative of the loss with respect to each number of the prediction by itself:
  /// the diagonal of the Hessian, which gradient boosting and Newton's method ask for.
  ///
  /// The parameters are those of `callAsFunction`. With the reduction `.sum` every number is that
  /// of its own term; with a mean it is divided like the gradient.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a loss that has none
  ///   (`rolesWithSecondDerivative` is empty), and as `callAsFunction` does.
  @inlinable
  public func secondDerivative<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> Tensor<S> {
    let request = CallSettings<S>(
      reduction ?? defaultReduction, classAxis, threads, order: .second)
    var result = [S](repeating: 0, count: prediction.count)
    _ = try result.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(request, prediction, target, weight, mask, into: buffer)
    }
    return Tensor(trusted: prediction.shape, result)
  }

  /// The terms of the loss before any reduction, or the result of a reduction that leaves axes.
  ///
  /// The parameters are those of `callAsFunction`.
  public func terms<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: Tensor<T>, weight: Tensor<P.Compute>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction = .unreduced, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> Tensor<P.Compute> {
    try evaluate(
      named(prediction, target, weight, mask), gradientsOf: [], secondDerivativesOf: [],
      reduction: reduction, classAxis: classAxis, upstream: nil, in: P.Compute.element,
      threads: threads,
      domainChecks: nil
    ).value()
  }

  /// The terms of the loss before any reduction, and the gradient of their sum, each weighted by
  /// `upstream`, with respect to the prediction.
  ///
  /// The parameters are those of `terms`; `upstream` has the shape of the terms.
  public func termsAndGradient<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: Tensor<T>, weight: Tensor<P.Compute>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction = .unreduced, classAxis: Int? = nil,
    upstream: Tensor<P.Compute>? = nil, threads: Int = 1
  ) throws(LossError) -> (terms: Tensor<P.Compute>, gradient: Tensor<P>) {
    let (leading, _) = try pairOfRoles()
    let result = try evaluate(
      named(prediction, target, weight, mask), gradientsOf: [leading], secondDerivativesOf: [],
      reduction: reduction, classAxis: classAxis, upstream: upstream.map { AnyTensor($0) },
      in: P.Compute.element, threads: threads, domainChecks: nil)
    return (result.value(), try result.gradient(of: leading, stored: P.self))
  }
}

// Arrays, which have one axis, and class indices in an array beside a tensor of logits.
extension CallableLoss {
  /// The value of the loss on plain arrays, which have one axis.
  @inlinable
  public func callAsFunction<P: PredictionScalar, T: TensorScalar>(
    _ prediction: [P], _ target: [T], weight: [P.Compute]? = nil, mask: [Bool]? = nil,
    reduction: Reduction? = nil, threads: Int = 1
  ) throws(LossError) -> P.Compute {
    try self(
      Tensor(prediction), Tensor(target), weight: weight.map { Tensor($0) },
      mask: mask.map { Tensor($0) }, reduction: reduction, threads: threads)
  }

  /// The value of the loss and its gradient on plain arrays, which have one axis.
  @inlinable
  public func valueAndGradient<P: PredictionScalar, T: TensorScalar>(
    _ prediction: [P], _ target: [T], weight: [P.Compute]? = nil, mask: [Bool]? = nil,
    reduction: Reduction? = nil, upstream: P.Compute? = nil, threads: Int = 1
  ) throws(LossError) -> (value: P.Compute, gradient: [P]) {
    let result = try valueAndGradient(
      Tensor(prediction), Tensor(target), weight: weight.map { Tensor($0) },
      mask: mask.map { Tensor($0) }, reduction: reduction, upstream: upstream, threads: threads)
    return (result.value, result.gradient.scalars)
  }

  /// The value of the loss with one target per row in an array, such as class indices.
  @inlinable
  public func callAsFunction<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: [T], weight: [P.Compute]? = nil, mask: [Bool]? = nil,
    reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> P.Compute {
    try self(
      prediction, Tensor(target), weight: weight.map { Tensor($0) }, mask: mask.map { Tensor($0) },
      reduction: reduction, classAxis: classAxis, threads: threads)
  }

  /// The value of the loss and its gradient, with one target per row in an array.
  @inlinable
  public func valueAndGradient<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: [T], weight: [P.Compute]? = nil, mask: [Bool]? = nil,
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: P.Compute? = nil, threads: Int = 1
  ) throws(LossError) -> (value: P.Compute, gradient: Tensor<P>) {
    try valueAndGradient(
      prediction, Tensor(target), weight: weight.map { Tensor($0) }, mask: mask.map { Tensor($0) },
      reduction: reduction, classAxis: classAxis, upstream: upstream, threads: threads)
  }
}

extension CallableLoss {
  /// The first two roles of the signature.
  func pairOfRoles() throws(LossError) -> (Role, Role) {
    guard signature.isPair else { throw signature.refusalOfPair(name) }
    return (signature.inputs[0].role, signature.inputs[1].role)
  }

  func named<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Tensor<P>, _ target: Tensor<T>, _ weight: Tensor<P.Compute>?,
    _ mask: Tensor<Bool>?
  ) throws(LossError) -> LossInputs {
    let (first, second) = try pairOfRoles()
    var inputs: LossInputs = [first: prediction, second: target]
    inputs[weightRole] = weight.map { AnyTensor($0) }
    inputs[.mask] = mask.map { AnyTensor($0) }
    return inputs
  }

  @inlinable
  func perform<P: PredictionScalar, T: TensorScalar>(
    _ settings: CallSettings<P.Compute>, _ prediction: Tensor<P>, _ target: Tensor<T>,
    _ weight: Tensor<P.Compute>?, _ mask: Tensor<Bool>?,
    into gradient: UnsafeMutableBufferPointer<P>?
  ) throws(LossError) -> P.Compute {
    try prediction.scalars.withUnsafeBufferPointer { (first) throws(LossError) in
      try target.scalars.withUnsafeBufferPointer { (second) throws(LossError) in
        try (weight?.scalars).withPointer { (weights) throws(LossError) in
          try (mask?.scalars).withPointer { (flags) throws(LossError) in
            try P.Compute.value(
              of: self,
              TypedRequest(
                settings, TypedInput(prediction.shape, first.baseAddress),
                TypedInput(target.shape, second.baseAddress),
                weight: weight.map { TypedInput($0.shape, weights) },
                mask: mask.map { TypedInput($0.shape, flags) }, into: gradient))
          }
        }
      }
    }
  }
}
