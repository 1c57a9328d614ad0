extension LossProtocol {
  /// Evaluates named tensors: the way of callers that learn names, shapes and elements at run time.
  ///
  /// - Parameters:
  ///   - inputs: the tensors by role. Whole numbers and truth values are taken as real numbers
  ///     where a real number is wanted.
  ///   - roles: the roles whose gradients are wanted.
  ///   - secondDerivativeRoles: the roles whose second derivatives are wanted, of `rolesWithSecondDerivative`.
  ///   - reduction: how the terms become the result; nil for the loss's own default.
  ///   - classAxis: where the class axis lies; nil for the last axis.
  ///   - upstream: what the gradients are multiplied by: one number, or one for each of the result.
  ///   - element: the element to compute in; nil for the widest of the real inputs.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role] = [],
    secondDerivativesOf secondDerivativeRoles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: ElementType? = nil,
    threads: Int = 1
  ) throws(LossError) -> LossResult {
    func evaluate<S: ComputeScalar>(in type: S.Type) throws(LossError) -> LossResult {
      var evaluation = Evaluation<S>(
        reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
      evaluation.upstream = upstream?.converted().scalars
      var result = try evaluation.run(self, inputs, gradientsOf: roles)
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
          expected: "\(result.value.shape), the shape of the result, or one number")
      }
      return result
    }
    return switch element ?? inputs.computedElement {
    case .float32: try evaluate(in: Float.self)
    case .float64, .int64, .bool: try evaluate(in: Double.self)
    }
  }
}

/// Makes a call of named tensors: keeps their memory, and the memory of the gradients, for its
/// length.
struct Evaluation<S: ComputeScalar> {
  var reduction: Reduction
  var classAxis: Int?
  var threads: Int
  var upstream: [S]?
  var order = DerivativeOrder.first
  /// The sum of the terms, with those of the evaluations before.
  var total = CompensatedSum()

  init(reduction: Reduction, classAxis: Int?, threads: Int) {
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = threads
  }

  mutating func run(
    _ loss: some LossProtocol, _ inputs: LossInputs, gradientsOf roles: [Role]
  ) throws(LossError) -> LossResult {
    var gradients: [[S]] = []
    for role in roles {
      gradients.append(Array(repeating: 0, count: inputs[role]?.shape.count ?? 0))
    }
    var views: [InputView] = []
    var wanted: [GradientView<S>] = []
    var value = Tensor<S>(0)
    var total = total
    try bindInputs(inputs.tensors[...], &views) { (views) throws(LossError) in
      try bindGradients(roles[...], &gradients, &wanted) { (wanted) throws(LossError) in
        value = try call(loss, views, wanted, &total)
      }
    }
    self.total = total
    var result = LossResult(value: value.anyTensor)
    for (role, gradient) in zip(roles, gradients) {
      result.gradients[role] =
        Tensor(trusted: inputs[role]?.shape ?? .scalar, gradient).anyTensor
    }
    return result
  }

  private func call(
    _ loss: some LossProtocol, _ views: [InputView], _ wanted: [GradientView<S>],
    _ total: inout CompensatedSum
  ) throws(LossError) -> Tensor<S> {
    try views.withUnsafeBufferPointer { (views) throws(LossError) in
      try wanted.withUnsafeBufferPointer { (wanted) throws(LossError) in
        try upstream.withPointer { (upstream) throws(LossError) in
          var call = EvaluationRequest<S>(
            views, gradients: wanted, reduction: reduction, classAxis: classAxis,
            threads: threads, order: order,
            upstream: upstream.map {
              UnsafeBufferPointer(start: $0, count: self.upstream?.count ?? 0)
            })
          call.total = total
          let outcome = try S.evaluate(loss, call)
          total = outcome.total
          return outcome.tensor
        }
      }
    }
  }

  /// Keeps the memory of the inputs for the length of a function.
  private func bindInputs(
    _ tensors: ArraySlice<(role: Role, tensor: AnyTensor)>, _ views: inout [InputView],
    _ body: ([InputView]) throws(LossError) -> Void
  ) throws(LossError) {
    guard let (role, tensor) = tensors.first else { return try body(views) }
    func bind<ElementType>(_ scalars: [ElementType]) throws(LossError) {
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
    }
  }

  /// Keeps the memory of the gradients for the length of a function.
  private func bindGradients(
    _ roles: ArraySlice<Role>, _ gradients: inout [[S]], _ wanted: inout [GradientView<S>],
    _ body: ([GradientView<S>]) throws(LossError) -> Void
  ) throws(LossError) {
    guard let role = roles.first else { return try body(wanted) }
    let index = roles.startIndex
    var gradient: [S] = []
    swap(&gradient, &gradients[index])
    defer { swap(&gradient, &gradients[index]) }
    try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      wanted.append(GradientView(role: role, buffer: buffer))
      try bindGradients(roles.dropFirst(), &gradients, &wanted, body)
    }
  }
}
