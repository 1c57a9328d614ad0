extension LossProtocol {
  /// Evaluates named tensors: the way of callers that learn names, shapes and elements at run time.
  ///
  /// - Parameters:
  ///   - inputs: the tensors by role. Whole numbers and truth values are taken as real numbers
  ///     where a real number is wanted.
  ///   - roles: the roles whose gradients are wanted.
  ///   - reduction: how the terms become the result; nil for the loss's own default.
  ///   - classAxis: where the class axis lies; nil for the last axis.
  ///   - upstream: what the gradients are multiplied by: one number, or one for each of the result.
  ///   - element: the element to compute in; nil for the widest of the real inputs.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take.
  public func evaluate(
    _ inputs: LossInputs, gradientsOf roles: [Role] = [], reduction: Reduction? = nil,
    classAxis: Int? = nil, upstream: AnyTensor? = nil, in element: Element? = nil,
    threads: Int = 1
  ) throws(LossError) -> LossResult {
    func evaluate<S: LossElement>(in type: S.Type) throws(LossError) -> LossResult {
      var evaluation = Evaluation<S>(
        reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
      evaluation.upstream = upstream?.converted().scalars
      return try evaluation.run(self, inputs, gradientsOf: roles)
    }
    return switch element ?? inputs.computedElement {
    case .float32: try evaluate(in: Float.self)
    case .float64, .int64, .bool: try evaluate(in: Double.self)
    }
  }
}

/// Makes a call of named tensors: keeps their memory, and the memory of the gradients, for its
/// length.
struct Evaluation<S: LossElement> {
  var reduction: Reduction
  var classAxis: Int?
  var threads: Int
  var upstream: [S]?

  init(reduction: Reduction, classAxis: Int?, threads: Int) {
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = threads
  }

  func run(
    _ loss: some LossProtocol, _ inputs: LossInputs, gradientsOf roles: [Role]
  ) throws(LossError) -> LossResult {
    guard inputs.tensors.count <= Slots<InputView>.capacity,
      roles.count <= Slots<InputView>.capacity
    else {
      throw LossError(
        .unknownInput, loss: loss.name, subject: inputs.roles.last?.name ?? "",
        found: "is one of \(inputs.tensors.count) inputs",
        expected: "at most \(Slots<InputView>.capacity)")
    }
    var gradients: [[S]] = []
    for role in roles {
      gradients.append(Array(repeating: 0, count: inputs[role]?.shape.count ?? 0))
    }
    var call = LossCall<S>(reduction: reduction, classAxis: classAxis, threads: threads)
    try upstream.withPointer { (upstream) throws(LossError) in
      call.upstream = upstream.map {
        UnsafeBufferPointer(start: $0, count: self.upstream?.count ?? 0)
      }
      try bindInputs(inputs.tensors[...], &call) { (call) throws(LossError) in
        try bindGradients(roles[...], &gradients, &call) { (call) throws(LossError) in
          try S.evaluate(loss, &call)
        }
      }
    }
    let value = call.values.map { Tensor(trusted: call.shape, $0) } ?? Tensor(call.value)
    var result = LossResult(value: value.erased)
    for (role, gradient) in zip(roles, gradients) {
      result.gradients[role] =
        Tensor(trusted: inputs[role]?.shape ?? .scalar, gradient).erased
    }
    return result
  }

  private func bindInputs(
    _ tensors: ArraySlice<(role: Role, tensor: AnyTensor)>, _ call: inout LossCall<S>,
    _ body: (inout LossCall<S>) throws(LossError) -> Void
  ) throws(LossError) {
    guard let (role, tensor) = tensors.first else { return try body(&call) }
    func bind<Element>(_ scalars: [Element]) throws(LossError) {
      try scalars.withUnsafeBufferPointer { (buffer) throws(LossError) in
        call.inputs[tensors.startIndex] = InputView(
          role: role, shape: tensor.shape, element: tensor.element,
          pointer: buffer.baseAddress.map { UnsafeRawPointer($0) })
        try bindInputs(tensors.dropFirst(), &call, body)
      }
    }
    switch tensor {
    case .float32(let tensor): try bind(tensor.scalars)
    case .float64(let tensor): try bind(tensor.scalars)
    case .int64(let tensor): try bind(tensor.scalars)
    case .bool(let tensor): try bind(tensor.scalars)
    }
  }

  private func bindGradients(
    _ roles: ArraySlice<Role>, _ gradients: inout [[S]], _ call: inout LossCall<S>,
    _ body: (inout LossCall<S>) throws(LossError) -> Void
  ) throws(LossError) {
    guard let role = roles.first else { return try body(&call) }
    let index = roles.startIndex
    var gradient: [S] = []
    swap(&gradient, &gradients[index])
    defer { swap(&gradient, &gradients[index]) }
    try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      call.gradients[index] = GradientView(role: role, buffer: buffer)
      try bindGradients(roles.dropFirst(), &gradients, &call, body)
    }
  }
}
