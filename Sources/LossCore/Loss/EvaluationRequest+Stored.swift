internal import LossNumerics

extension EvaluationRequest {
  /// Whether an input or a gradient has an element type that no loss computes with, or strides.
  var hasStoredMemory: Bool {
    for index in inputs.indices
    where inputs[index].element.isNarrow || inputs[index].strides != nil { return true }
    for index in vectors.indices
    where vectors[index].element.isNarrow || vectors[index].strides != nil { return true }
    for index in gradients.indices where gradients[index].stored != nil { return true }
    return false
  }
}

extension EvaluationRequest where S: ComputeScalar {
  /// Calls a function with the same request on memory that every loss reads: for a loss that
  /// combines others, which has no pass of its own.
  func converted(
    _ body: (EvaluationRequest<S>) throws(LossError) -> LossOutcome<S>
  ) throws(LossError) -> LossOutcome<S> {
    var allocations: [UnsafeMutableRawPointer] = []
    defer { for pointer in allocations { pointer.deallocate() } }
    func allocate<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
      let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
      allocations.append(UnsafeMutableRawPointer(pointer))
      return pointer
    }
    func converted(_ view: InputView) throws(LossError) -> InputView {
      let elements = StoredElements(view)
      try view.checkStrides(isWeight: view.role == .weight || view.role == .mask)
      guard view.element.isNarrow || elements.layout != nil, let pointer = view.pointer else {
        return InputView(
          role: view.role, shape: view.shape, element: view.element, pointer: view.pointer)
      }
      let range = 0..<view.shape.count
      let converted: (element: ElementType, pointer: UnsafeRawPointer)
      if view.element.isReal {
        let numbers = allocate(S.self, range.count)
        elements.read(range, from: pointer, into: numbers)
        converted = (S.element, UnsafeRawPointer(numbers))
      } else {
        let numbers = allocate(Int.self, range.count)
        elements.readIntegers(range, from: pointer, into: numbers)
        if view.element == .bool {
          let flags = allocate(Bool.self, range.count)
          for index in range { flags[index] = numbers[index] != 0 }
          converted = (.bool, UnsafeRawPointer(flags))
        } else {
          converted = (.int64, UnsafeRawPointer(numbers))
        }
      }
      return InputView(
        role: view.role, shape: view.shape, element: converted.element, pointer: converted.pointer)
    }
    var views: [InputView] = []
    for view in inputs { views.append(try converted(view)) }
    var vectorViews: [InputView] = []
    for view in vectors { vectorViews.append(try converted(view)) }
    var memory: [GradientView<S>] = []
    for gradient in gradients {
      guard let stored = gradient.stored else {
        memory.append(gradient)
        continue
      }
      guard stored.element.isReal, input(gradient.role)?.shape == stored.shape else {
        throw LossError(
          .shapeMismatch, subject: gradient.role.name,
          found: "has a gradient of shape \(stored.shape) and type \(stored.element.rawValue)",
          expected: "the shape of the input, and a floating-point type")
      }
      try InputView(
        role: gradient.role, shape: stored.shape, element: stored.element,
        pointer: UnsafeRawPointer(stored.pointer), strides: stored.strides
      ).checkStrides(isWeight: false)
      let count = stored.shape.count
      memory.append(
        GradientView(
          role: gradient.role,
          buffer: UnsafeMutableBufferPointer(start: allocate(S.self, count), count: count)))
    }
    let outcome = try views.withUnsafeBufferPointer { (views) throws(LossError) in
      try vectorViews.withUnsafeBufferPointer { (vectorViews) throws(LossError) in
        try memory.withUnsafeBufferPointer { (memory) throws(LossError) in
          var request = EvaluationRequest(
            views, gradients: memory, reduction: reduction, classAxis: classAxis, threads: threads,
            order: order, upstream: upstream)
          request.vectors = vectorViews
          request.total = total
          request.domainChecks = domainChecks
          request.usesAutomaticDerivatives = usesAutomaticDerivatives
          request.partial = partial
          return try body(request)
        }
      }
    }
    for (gradient, computed) in zip(gradients, memory) {
      guard let stored = gradient.stored, let pointer = stored.pointer,
        let numbers = computed.buffer.baseAddress
      else { continue }
      StoredElements(stored).write(
        UnsafePointer(numbers), to: pointer, 0..<stored.shape.count)
    }
    return outcome
  }
}
