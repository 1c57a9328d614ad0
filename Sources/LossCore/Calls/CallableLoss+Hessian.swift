// Products of the Hessian with a vector.

extension CallableLoss {
  /// The product of the Hessian with respect to the prediction with a vector, which conjugate
  /// gradients and truncated Newton methods ask for.
  ///
  /// The parameters are those of `callAsFunction`; the vector has the shape of the prediction.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a loss that has none
  ///   (`rolesWithHessianVectorProduct` is empty), and as `callAsFunction` does.
  public func hessianVectorProduct<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, _ vector: Tensor<S>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> Tensor<S> {
    let (leading, _) = try pairOfRoles()
    return try evaluate(
      named(prediction, target, weight, mask), vectors: [leading: vector],
      hessianVectorProductsOf: [leading], reduction: reduction, classAxis: classAxis,
      upstream: nil, in: S.element, threads: threads, domainChecks: nil
    ).hessianVectorProduct(of: leading)
  }

  /// The product of the Hessian with a vector on plain arrays, which have one axis.
  public func hessianVectorProduct<S: ComputeScalar, T: TensorScalar>(
    _ prediction: [S], _ target: [T], _ vector: [S], weight: [S]? = nil, mask: [Bool]? = nil,
    reduction: Reduction? = nil, threads: Int = 1
  ) throws(LossError) -> [S] {
    try hessianVectorProduct(
      Tensor(prediction), Tensor(target), Tensor(vector), weight: weight.map { Tensor($0) },
      mask: mask.map { Tensor($0) }, reduction: reduction, threads: threads
    ).scalars
  }

  /// The value of the loss of inputs by role, and the product of its Hessian with a vector.
  ///
  ///     let result = try loss.hessianVectorProducts(["prediction": p, "target": t], ["prediction": v])
  ///     let product: Tensor<Float> = try result.hessianVectorProduct(of: "prediction")
  ///
  /// The Hessian is that with respect to all differentiable inputs: the product for a role is the
  /// derivative of its gradient along the whole vector.
  ///
  /// - Parameters:
  ///   - inputs: tensors or arrays by role, `weight` and `mask` among them.
  ///   - vectors: the parts of the vector by role; a role without one has zeros.
  ///   - roles: the roles whose part of the product is wanted; nil for those of the vector.
  ///   - reduction: how the terms become the result; nil for the loss's own default.
  ///   - classAxis: position of the class axis; nil for the last axis.
  ///   - upstream: a factor of the products: one number, or one for each of the result.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func hessianVectorProducts(
    _ inputs: LossInputs, _ vectors: LossInputs, of roles: [Role]? = nil,
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: (any TensorConvertible)? = nil,
    threads: Int = 1
  ) throws(LossError) -> LossResult {
    try evaluate(
      inputs, vectors: vectors, hessianVectorProductsOf: roles ?? vectors.roles,
      reduction: reduction, classAxis: classAxis, upstream: upstream?.anyTensor, in: nil,
      threads: threads, domainChecks: nil)
  }
}

extension LossProtocol {
  /// The value of named tensors and the product of the Hessian with a vector.
  public func evaluate(
    _ inputs: LossInputs, vectors: LossInputs, hessianVectorProductsOf roles: [Role],
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: AnyTensor? = nil,
    in element: ElementType? = nil, threads: Int = 1, domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try evaluate(
      inputs, gradientsOf: [], secondDerivativesOf: [], vectors: vectors,
      hessianVectorProductsOf: roles, reduction: reduction, classAxis: classAxis,
      upstream: upstream, in: element, threads: threads, domainChecks: domainChecks,
      usesAutomaticDerivatives: false)
  }
}

extension LossResult {
  /// The product of the Hessian with the vector of the call, for an input.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a role whose product was not asked for.
  public func hessianVectorProduct<S: ComputeScalar>(
    of role: Role, as type: S.Type = S.self
  ) throws(LossError) -> Tensor<S> {
    try Self.tensor(hessianVectorProducts, role, "product of the Hessian with a vector", type)
  }
}
