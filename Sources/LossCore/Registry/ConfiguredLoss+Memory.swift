// Evaluation on memory by role, for callers that are not written in Swift.

extension ConfiguredLoss {
  /// Evaluates memory by role, with derivatives into memory of the caller's: without a copy unless the
  /// framework of the name takes its inputs in another form than we do.
  ///
  /// - Parameters:
  ///   - inputs: the inputs by role, or by the framework's name for the argument; each name once.
  ///   - gradients: memory for gradients, by either name.
  ///   - secondDerivatives: memory for second derivatives, by either name.
  ///   - upstream: what the gradients are multiplied by: one number, or one for each of the result.
  ///   - reduction: how the terms become the result; nil for that of this value.
  ///   - classAxis: position of the class axis; nil for that of this value.
  ///   - threads: how many threads may work at once.
  ///   - domainChecks: the inputs in which numbers outside their domain are refused; nil for the
  ///     default of the name.
  /// - Throws: `LossError` as `evaluate` on tensors does.
  package func evaluate<S: ComputeScalar>(
    _ inputs: [InputView], gradients: [GradientView<S>] = [],
    secondDerivatives: [GradientView<S>] = [], upstream: Tensor<S>? = nil,
    reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1,
    domainChecks: DomainChecks? = nil
  ) throws(LossError) -> LossOutcome<S> {
    if let loss = try reducing(by: reduction) {
      return try loss.evaluate(
        inputs, gradients: gradients, secondDerivatives: secondDerivatives, upstream: upstream,
        classAxis: classAxis, threads: threads, domainChecks: domainChecks)
    }
    guard takesMemory(inputs, reduction ?? defaultReduction) else {
      return try evaluateCopies(
        of: inputs, gradients, secondDerivatives, upstream: upstream, reduction, classAxis, threads,
        domainChecks)
    }
    do throws(LossError) {
      let views = inputs.map {
        InputView(
          role: translated($0.role), shape: $0.shape, element: $0.element, pointer: $0.pointer,
          strides: $0.strides)
      }
      let outcome = try views.withUnsafeBufferPointer { (views) throws(LossError) in
        func evaluate(
          _ derivatives: [GradientView<S>], _ order: DerivativeOrder
        ) throws(LossError) -> LossOutcome<S> {
          let ours = derivatives.map { $0.named(translated($0.role)) }
          let scalars = upstream?.scalars
          return try ours.withUnsafeBufferPointer { (ours) throws(LossError) in
            try scalars.withPointer { (pointer) throws(LossError) in
              var request = EvaluationRequest<S>(
                views, gradients: ours, reduction: reduction ?? defaultReduction,
                classAxis: classAxis ?? baseClassAxis, threads: threads, order: order,
                upstream: pointer.map {
                  UnsafeBufferPointer(start: $0, count: scalars?.count ?? 0)
                })
              request.domainChecks = domainChecks ?? dialectEntry?.domainChecks ?? .all
              return try S.evaluate(base, request)
            }
          }
        }
        let outcome = try evaluate(gradients, .first)
        if !secondDerivatives.isEmpty { _ = try evaluate(secondDerivatives, .second) }
        return outcome
      }
      if let upstream, upstream.rank > 0, upstream.shape != outcome.shape {
        throw LossError(
          .shapeMismatch, subject: "upstream", found: "has shape \(upstream.shape)",
          expected: "\(outcome.shape), the shape of the result, or a scalar")
      }
      return outcome
    } catch {
      throw renamed(explained(error, classAxis: classAxis, inputs.first?.shape))
    }
  }

  /// Whether the base loss takes these inputs as they are, and gives the result as it is.
  private func takesMemory(_ inputs: [InputView], _ reduction: Reduction) -> Bool {
    guard dialectEntry != nil else { return true }
    if keepsDimensions, reduction.kind == .unreduced || reduction.axes != nil { return false }
    for input in inputs {
      if isOption(input.role), argument(input.role) == nil { return false }
      // The framework may have inputs of its own, which a preparation takes.
      let role = translated(input.role)
      guard role == .weight || role == .mask || signature.input(role) != nil else { return false }
    }
    return isPlain(shapes(of: inputs))
  }

  /// The shapes of a call with two inputs of the signature or more; nil for another call.
  private func shapes(of inputs: [InputView]) -> DialectShapes? {
    let roles = signature.inputs.map(\.role)
    func view(_ role: Role) -> InputView? { inputs.first { translated($0.role) == role } }
    guard roles.count >= 2, let first = view(roles[0]), let second = view(roles[1]) else {
      return nil
    }
    var shapes = DialectShapes(
      first: (first.shape, first.element), second: (second.shape, second.element),
      weight: view(.weight)?.shape)
    for role in roles.dropFirst(2) { shapes.others[role] = view(role)?.shape }
    return shapes
  }

  private func evaluateCopies<S: ComputeScalar>(
    of inputs: [InputView], _ gradients: [GradientView<S>], _ secondDerivatives: [GradientView<S>],
    upstream: Tensor<S>?, _ reduction: Reduction?, _ classAxis: Int?, _ threads: Int,
    _ domainChecks: DomainChecks?
  ) throws(LossError) -> LossOutcome<S> {
    var tensors = LossInputs()
    for input in inputs {
      let role = translated(input.role)
      try input.checkStrides(isWeight: role == .weight || role == .mask)
      tensors[input.role] = input.tensor
    }
    let result = try evaluate(
      tensors, gradientsOf: gradients.map(\.role),
      secondDerivativesOf: secondDerivatives.map(\.role), reduction: reduction,
      classAxis: classAxis, upstream: upstream.map { AnyTensor($0) },
      in: S.element, threads: threads, domainChecks: domainChecks)
    for gradient in gradients { try gradient.fill(from: result.gradients[gradient.role]) }
    for derivative in secondDerivatives {
      try derivative.fill(from: result.secondDerivatives[derivative.role])
    }
    return LossOutcome(result.value.converted(to: S.self))
  }
}

extension GradientView {
  /// The same memory for another role.
  fileprivate func named(_ role: Role) -> GradientView {
    stored.map { GradientView(role: role, stored: $0) } ?? GradientView(role: role, buffer: buffer)
  }
}

extension GradientView where S: ComputeScalar {
  /// Writes the elements of a derivative.
  ///
  /// - Throws: `LossError` for memory of another shape or number of elements.
  func fill(from derivative: AnyTensor?) throws(LossError) {
    let scalars = derivative.map { $0.converted(to: S.self).scalars } ?? []
    if let stored, let derivative, stored.shape != derivative.shape {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has a gradient of shape \(stored.shape)",
        expected: "\(derivative.shape), the shape of the input")
    }
    let count = stored?.shape.count ?? buffer.count
    guard scalars.count == count else {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has a gradient buffer of \(count) elements",
        expected: "\(scalars.count), the number of its elements")
    }
    scalars.withUnsafeBufferPointer { scalars in
      guard let start = scalars.baseAddress else { return }
      if let stored {
        guard let pointer = stored.pointer else { return }
        StoredElements(stored).write(start, to: pointer, 0..<count)
      } else {
        buffer.baseAddress?.update(from: start, count: count)
      }
    }
  }
}

extension ConfiguredLoss {
  /// The element in which inputs are computed: the widest of the real ones, without those that are
  /// options of the framework.
  package func computedElement(of inputs: [InputView]) -> ElementType {
    var isFloat = false
    for input in inputs where !isOption(input.role) || argument(input.role) != nil {
      let element = input.element.widened
      if element == .float64 { return .float64 }
      if element == .float32 { isFloat = true }
    }
    return isFloat ? .float32 : .float64
  }

  /// Whether the framework takes an input of this name as an option.
  private func isOption(_ role: Role) -> Bool { dialectEntry?.tensorOption(role) != nil }
}

extension InputView {
  /// A copy of the elements, in row-major order.
  package var tensor: AnyTensor {
    TypedInput(shape: shape, element: element, pointer: pointer, strides: strides).tensor
  }
}
