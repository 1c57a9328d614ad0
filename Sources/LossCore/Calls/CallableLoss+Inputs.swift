// Calls by role, for losses of any signature.

extension CallableLoss {
  /// The value of the loss of inputs by role.
  ///
  ///     let value: Float = try loss(["anchor": a, "positive": p, "negative": n])
  ///
  /// - Parameters:
  ///   - inputs: tensors or arrays by role, `weight` and `mask` among them.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - classAxis: position of the class axis; nil for the last axis.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take, and for a reduction
  ///   that leaves more than one number.
  public func callAsFunction<S: ComputeScalar>(
    _ inputs: LossInputs, reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    try evaluate(
      inputs, gradientsOf: [], secondDerivativesOf: [], reduction: reduction,
      classAxis: classAxis, upstream: nil, in: S.element, threads: threads, domainChecks: nil
    ).scalar()
  }

  /// The value of the loss of inputs by role, in `Double`.
  public func callAsFunction(
    _ inputs: LossInputs, reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> Double {
    try evaluate(
      inputs, gradientsOf: [], secondDerivativesOf: [], reduction: reduction,
      classAxis: classAxis, upstream: nil, in: .float64, threads: threads, domainChecks: nil
    ).scalar()
  }

  /// The value of the loss of inputs by role, and the gradients of all that are differentiable.
  ///
  ///     let result = try loss.valueAndGradients(["anchor": a, "positive": p, "negative": n])
  ///     let gradient: Tensor<Float> = try result.gradient(of: "anchor")
  ///
  /// - Parameters:
  ///   - inputs: tensors or arrays by role, `weight` and `mask` among them.
  ///   - roles: the roles whose gradients are wanted; nil for every differentiable input that holds
  ///     real numbers.
  ///   - reduction: how the terms become the result; nil for the loss's own default.
  ///   - classAxis: position of the class axis; nil for the last axis.
  ///   - upstream: a factor of the gradients: one number, or one for each of the result.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func valueAndGradients(
    _ inputs: LossInputs, of roles: [Role]? = nil, reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: (any TensorConvertible)? = nil, threads: Int = 1
  ) throws(LossError) -> LossResult {
    let wanted =
      roles
      ?? signature.inputs.filter { input in
        guard input.isDifferentiable, let tensor = inputs[input.role] else { return false }
        return tensor.element.isReal
      }.map(\.role)
    return try evaluate(
      inputs, gradientsOf: wanted, secondDerivativesOf: [], reduction: reduction,
      classAxis: classAxis, upstream: upstream?.anyTensor, in: nil, threads: threads,
      domainChecks: nil)
  }
}

extension LossResult {
  /// The value as one number.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` for a result of several numbers.
  public func scalar<S: ComputeScalar>(as type: S.Type = S.self) throws(LossError) -> S {
    let value = value.converted(to: type)
    guard value.rank == 0, let number = value.scalars.first else {
      throw LossError(
        .shapeMismatch, subject: "value", found: "has shape \(value.shape)",
        expected: "one number", hint: "Use value(as:) for all of them.")
    }
    return number
  }

  /// The value as a tensor.
  public func value<S: ComputeScalar>(as type: S.Type = S.self) -> Tensor<S> {
    value.converted(to: type)
  }

  /// The gradient with respect to an input.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a role whose gradient was not asked for.
  public func gradient<S: ComputeScalar>(
    of role: Role, as type: S.Type = S.self
  ) throws(LossError) -> Tensor<S> {
    try Self.tensor(gradients, role, "gradient", type)
  }

  /// The gradient with respect to an input in its own element type, each number rounded once.
  func gradient<P: PredictionScalar>(
    of role: Role, stored type: P.Type
  ) throws(LossError) -> Tensor<P> {
    let tensor: Tensor<P.Compute> = try gradient(of: role)
    if let same = tensor as? Tensor<P> { return same }
    var numbers = [P](repeating: .zero, count: tensor.count)
    numbers.withUnsafeMutableBytes { memory in
      tensor.scalars.withUnsafeBufferPointer { scalars in
        guard let out = memory.baseAddress, let start = scalars.baseAddress else { return }
        StoredElements(P.element, tensor.shape, strides: nil).write(
          start, to: out, 0..<scalars.count)
      }
    }
    return Tensor(trusted: tensor.shape, numbers)
  }

  /// The second derivatives with respect to each element of an input by itself.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a role whose second derivative was not asked
  ///   for.
  public func secondDerivative<S: ComputeScalar>(
    of role: Role, as type: S.Type = S.self
  ) throws(LossError) -> Tensor<S> {
    try Self.tensor(secondDerivatives, role, "second derivative", type)
  }

  static func tensor<S: ComputeScalar>(
    _ tensors: [Role: AnyTensor], _ role: Role, _ name: String, _ type: S.Type
  ) throws(LossError) -> Tensor<S> {
    guard let tensor = tensors[role] else {
      let roles = tensors.keys.map(\.name).sorted()
      throw LossError(
        .unknownInput, subject: role.name, found: "has no \(name) in this result",
        expected: roles.isEmpty ? "none was asked for" : roles.joined(separator: ", "))
    }
    return tensor.converted(to: type)
  }
}
