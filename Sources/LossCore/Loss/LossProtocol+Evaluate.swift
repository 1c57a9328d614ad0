extension LossProtocol {
  /// Evaluates the loss on tensors by role, for callers that learn roles, shapes and element types
  /// at run time.
  ///
  /// - Parameters:
  ///   - inputs: the tensors by role. Integers and booleans are converted where an input is real.
  ///   - roles: the roles whose gradients are requested.
  ///   - secondDerivativeRoles: the roles whose second derivatives are requested, out of
  ///     `rolesWithSecondDerivative`.
  ///   - reduction: the reduction of the terms; nil for the default of the loss.
  ///   - classAxis: the class axis; nil for the last axis.
  ///   - upstream: the upstream gradient that gradients are multiplied by: a scalar, or a tensor of
  ///     the shape of the result.
  ///   - element: the element type of the computation; nil for the widest type of the real inputs.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  ///   - domainChecks: the inputs in which numbers outside their domain are refused; nil for all, or
  ///     for those that the framework of the name checks.
  /// - Throws: `LossError` for invalid inputs or options.
  public func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role] = [],
    secondDerivativesOf secondDerivativeRoles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossResult {
    try evaluate(
      inputs, gradientsOf: roles, secondDerivativesOf: secondDerivativeRoles, reduction: reduction,
      classAxis: classAxis, upstream: upstream, in: element, threads: threads,
      domainChecks: domainChecks, usesAutomaticDerivatives: false)
  }

  /// The same; with `usesAutomaticDerivatives` an elementwise loss derives its value by automatic
  /// differentiation, even where it has derivatives of its own.
  package func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role] = [],
    secondDerivativesOf secondDerivativeRoles: [Role] = [], vectors: LossInputs = [:],
    hessianVectorProductsOf productRoles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1, domainChecks: DomainChecks? = nil, usesAutomaticDerivatives: Bool,
    partial: PartialCollector? = nil
  ) throws(LossError) -> LossResult {
    func evaluate<S: ComputeScalar>(in type: S.Type) throws(LossError) -> LossResult {
      var evaluation = Evaluation<S>(
        reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
      evaluation.domainChecks = domainChecks ?? .all
      evaluation.usesAutomaticDerivatives = usesAutomaticDerivatives
      evaluation.partial = partial
      evaluation.upstream = upstream?.converted().scalars
      let isProduct = !productRoles.isEmpty || !vectors.tensors.isEmpty
      var result: LossResult
      if isProduct {
        evaluation.order = .hessianVectorProduct
        result = try evaluation.run(self, inputs, gradientsOf: productRoles, vectors: vectors)
        swap(&result.gradients, &result.hessianVectorProducts)
      } else {
        result = try evaluation.run(self, inputs, gradientsOf: roles)
      }
      if !secondDerivativeRoles.isEmpty {
        evaluation.order = .second
        result.secondDerivatives = try evaluation.run(
          self, inputs, gradientsOf: secondDerivativeRoles
        )
        .gradients
      }
      if let upstream, upstream.shape.rank > 0, upstream.shape != result.value.shape {
        throw LossError(
          .shapeMismatch, loss: name, subject: "upstream", found: "has shape \(upstream.shape)",
          expected: "\(result.value.shape), the shape of the result, or a scalar")
      }
      return result
    }
    let result =
      (element?.widened ?? inputs.computedElement) == .float32
      ? try evaluate(in: Float.self) : try evaluate(in: Double.self)
    return element == nil ? result.rounded(like: inputs) : result
  }
}

/// Evaluates a loss on named tensors; keeps the memory of inputs and gradients alive meanwhile.
struct Evaluation<S: ComputeScalar> {
  var reduction: Reduction
  var classAxis: Int?
  var threads: Int
  var upstream: [S]?
  var order = DerivativeOrder.first
  var domainChecks = DomainChecks.all
  var usesAutomaticDerivatives = false
  /// The sum of the terms, including those of earlier evaluations.
  var total = CompensatedSum()
  var partial: PartialCollector?

  init(reduction: Reduction, classAxis: Int?, threads: Int) {
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = threads
  }

  mutating func run(
    _ loss: some LossProtocol, _ inputs: LossInputs, gradientsOf roles: [Role],
    vectors: LossInputs = [:]
  ) throws(LossError) -> LossResult {
    var gradients: [[S]] = []
    for role in roles {
      gradients.append(.zeros(count: inputs[role]?.shape.count ?? 0))
    }
    var views: [InputView] = []
    var gradientViews: [GradientView<S>] = []
    var value = Tensor<S>(0)
    var total = total
    var vectorViews: [InputView] = []
    try bindInputs(inputs.tensors[...], &views) { (views) throws(LossError) in
      try bindInputs(vectors.tensors[...], &vectorViews) { (vectorViews) throws(LossError) in
        try bindGradients(roles[...], &gradients, &gradientViews) {
          (gradientViews) throws(LossError) in
          value = try evaluate(loss, views, vectorViews, gradientViews, &total)
        }
      }
    }
    self.total = total
    var result = LossResult(value: AnyTensor(value))
    for (role, gradient) in zip(roles, gradients) {
      result.gradients[role] =
        AnyTensor(Tensor(trusted: inputs[role]?.shape ?? .scalar, gradient))
    }
    return result
  }

  private func evaluate(
    _ loss: some LossProtocol, _ views: [InputView], _ vectorViews: [InputView],
    _ gradientViews: [GradientView<S>], _ total: inout CompensatedSum
  ) throws(LossError) -> Tensor<S> {
    try views.withUnsafeBufferPointer { (views) throws(LossError) in
      try vectorViews.withUnsafeBufferPointer { (vectorViews) throws(LossError) in
        try gradientViews.withUnsafeBufferPointer { (gradientViews) throws(LossError) in
          try upstream.withPointer { (upstream) throws(LossError) in
            var request = EvaluationRequest<S>(
              views, gradients: gradientViews, reduction: reduction, classAxis: classAxis,
              threads: threads, order: order,
              upstream: upstream.map {
                UnsafeBufferPointer(start: $0, count: self.upstream?.count ?? 0)
              })
            request.vectors = vectorViews
            request.total = total
            request.domainChecks = domainChecks
            request.partial = partial
            request.usesAutomaticDerivatives = usesAutomaticDerivatives
            let outcome = try S.evaluate(loss, request)
            total = outcome.total
            return outcome.tensor
          }
        }
      }
    }
  }

  /// Calls a function with views of the inputs. It recurses once per input, since a pointer to the
  /// elements of an array is valid only inside a closure.
  private func bindInputs(
    _ tensors: ArraySlice<(role: Role, tensor: AnyTensor)>, _ views: inout [InputView],
    _ body: ([InputView]) throws(LossError) -> Void
  ) throws(LossError) {
    guard let (role, tensor) = tensors.first else { return try body(views) }
    func bind<Scalar>(_ scalars: [Scalar]) throws(LossError) {
      try scalars.withUnsafeBufferPointer { (buffer) throws(LossError) in
        views.append(
          InputView(
            role: role, shape: tensor.shape, element: tensor.element,
            pointer: buffer.baseAddress.map { UnsafeRawPointer($0) }))
        try bindInputs(tensors.dropFirst(), &views, body)
      }
    }
    switch tensor {
    case .float32(let tensor): try bind(tensor.scalars)
    case .float64(let tensor): try bind(tensor.scalars)
    case .int64(let tensor): try bind(tensor.scalars)
    case .bool(let tensor): try bind(tensor.scalars)
    case .narrow(let tensor): try bind(tensor.bytes)
    }
  }

  /// Calls a function with views of the gradients, recursing as `bindInputs` does.
  private func bindGradients(
    _ roles: ArraySlice<Role>, _ gradients: inout [[S]], _ gradientViews: inout [GradientView<S>],
    _ body: ([GradientView<S>]) throws(LossError) -> Void
  ) throws(LossError) {
    guard let role = roles.first else { return try body(gradientViews) }
    let index = roles.startIndex
    var gradient: [S] = []
    swap(&gradient, &gradients[index])
    defer { swap(&gradient, &gradients[index]) }
    try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      gradientViews.append(GradientView(role: role, buffer: buffer))
      try bindGradients(roles.dropFirst(), &gradients, &gradientViews, body)
    }
  }
}

extension Array where Element: LossScalar {
  /// Zeros.
  ///
  /// Specialised, since the initialiser that is called from generic code writes each element by a call.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate static func zeros(count: Int) -> [Element] { Array(repeating: 0, count: count) }
}
