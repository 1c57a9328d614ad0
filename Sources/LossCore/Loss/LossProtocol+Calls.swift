// Typed calls: prediction and target in, a number and a gradient out. The two inputs are the first
// two of the signature, which for most losses are prediction and target.

extension LossProtocol {
  /// The value of the loss.
  ///
  ///     let loss = HuberLoss(delta: 0.5)
  ///     let value = try loss(prediction, target)
  ///
  /// - Parameters:
  ///   - prediction: the first input of the signature.
  ///   - target: the second: numbers, or class indices where the loss takes them.
  ///   - weight: how much each term counts.
  ///   - mask: which terms count.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - classAxis: where the class axis lies; nil for the last axis.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  /// - Throws: `LossError` for inputs or options that the loss cannot take, and for a reduction
  ///   that leaves more than one number; use `evaluate` for those.
  @inlinable
  public func callAsFunction<S: LossElement, T: TensorElement>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> S {
    var call = LossCall<S>(
      reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
    let none = UnsafeMutableBufferPointer<S>(start: nil, count: 0)
    return try perform(&call, prediction, target, weight, mask, gradient: none, isWanted: false)
  }

  /// The value of the loss and its gradient with respect to the prediction, in one pass.
  ///
  /// The parameters are those of `callAsFunction`.
  @inlinable
  public func valueAndGradient<S: LossElement, T: TensorElement>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> (value: S, gradient: Tensor<S>) {
    var call = LossCall<S>(
      reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
    var gradient = [S](repeating: 0, count: prediction.count)
    let value = try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(&call, prediction, target, weight, mask, gradient: buffer, isWanted: true)
    }
    return (value, Tensor(trusted: prediction.shape, gradient))
  }

  /// The value of the loss on plain arrays, which have one axis.
  @inlinable
  public func callAsFunction<S: LossElement, T: TensorElement>(
    _ prediction: [S], _ target: [T], reduction: Reduction? = nil
  ) throws(LossError) -> S {
    try self(Tensor(prediction), Tensor(target), reduction: reduction)
  }

  /// The value of the loss and its gradient on plain arrays, which have one axis.
  @inlinable
  public func valueAndGradient<S: LossElement, T: TensorElement>(
    _ prediction: [S], _ target: [T], reduction: Reduction? = nil
  ) throws(LossError) -> (value: S, gradient: [S]) {
    let result = try valueAndGradient(
      Tensor(prediction), Tensor(target), reduction: reduction)
    return (result.value, result.gradient.scalars)
  }

  /// The value of the loss on borrowed memory, and its gradient into memory that the caller gives:
  /// nothing is copied or allocated.
  ///
  /// - Parameters:
  ///   - prediction: the elements of the first input in row-major order.
  ///   - target: the elements of the second: as many numbers as `prediction` has, or one class
  ///     index for each row.
  ///   - shape: the shape of `prediction`.
  ///   - gradient: room for as many numbers as `prediction` has.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - classAxis: where the class axis lies; nil for the last axis.
  ///   - threads: how many threads may work at once; the result does not depend on it.
  /// - Throws: `LossError` as `callAsFunction` does.
  @inlinable
  public func valueAndGradient<S: LossElement, T: TensorElement>(
    _ prediction: Span<S>, _ target: Span<T>, shape: Shape, into gradient: inout MutableSpan<S>,
    reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    var call = LossCall<S>(
      reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
    return try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(&call, prediction, target, shape, gradient: buffer, isWanted: true)
    }
  }

  /// The value of the loss on borrowed memory: nothing is copied or allocated.
  ///
  /// The parameters are those of `valueAndGradient` on borrowed memory.
  @inlinable
  public func value<S: LossElement, T: TensorElement>(
    _ prediction: Span<S>, _ target: Span<T>, shape: Shape, reduction: Reduction? = nil,
    classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    var call = LossCall<S>(
      reduction: reduction ?? defaultReduction, classAxis: classAxis, threads: threads)
    let none = UnsafeMutableBufferPointer<S>(start: nil, count: 0)
    return try perform(&call, prediction, target, shape, gradient: none, isWanted: false)
  }
}

extension LossProtocol {
  @inlinable
  func perform<S: LossElement, T: TensorElement>(
    _ call: inout LossCall<S>, _ prediction: Span<S>, _ target: Span<T>, _ shape: Shape,
    gradient: UnsafeMutableBufferPointer<S>, isWanted: Bool
  ) throws(LossError) -> S {
    guard prediction.count == shape.count else {
      throw LossError(
        .shapeMismatch, loss: name, subject: "prediction",
        found: "has \(prediction.count) elements", expected: "\(shape.count), for shape \(shape)")
    }
    let targetShape =
      target.count == shape.count ? shape : shape.removing(axis: call.classAxis ?? -1)
    guard target.count == targetShape.count else {
      throw LossError(
        .shapeMismatch, loss: name, subject: "target", found: "has \(target.count) elements",
        expected: "\(shape.count), one for each of prediction, or \(targetShape.count) classes")
    }
    return try prediction.withUnsafeBufferPointer { (prediction) throws(LossError) in
      try target.withUnsafeBufferPointer { (target) throws(LossError) in
        try bindPair(&call, (prediction, shape), (target, targetShape))
        if isWanted { bindGradient(&call, gradient) }
        return try number(&call)
      }
    }
  }

  @inlinable
  func perform<S: LossElement, T: TensorElement>(
    _ call: inout LossCall<S>, _ prediction: Tensor<S>, _ target: Tensor<T>,
    _ weight: Tensor<S>?, _ mask: Tensor<Bool>?, gradient: UnsafeMutableBufferPointer<S>,
    isWanted: Bool
  ) throws(LossError) -> S {
    try prediction.scalars.withUnsafeBufferPointer { (first) throws(LossError) in
      try target.scalars.withUnsafeBufferPointer { (second) throws(LossError) in
        try bindPair(&call, (first, prediction.shape), (second, target.shape))
        if isWanted { bindGradient(&call, gradient) }
        return try (weight?.scalars).withPointer { (pointer) throws(LossError) in
          if let weight {
            call.inputs[2] = InputView(
              role: .weight, shape: weight.shape, element: S.element,
              pointer: pointer.map { UnsafeRawPointer($0) })
          }
          return try (mask?.scalars).withPointer { (pointer) throws(LossError) in
            if let mask {
              call.inputs[3] = InputView(
                role: .mask, shape: mask.shape, element: .bool,
                pointer: pointer.map { UnsafeRawPointer($0) })
            }
            return try number(&call)
          }
        }
      }
    }
  }

  @inlinable
  func bindPair<S: LossElement, T: TensorElement>(
    _ call: inout LossCall<S>, _ first: (UnsafeBufferPointer<S>, Shape),
    _ second: (UnsafeBufferPointer<T>, Shape)
  ) throws(LossError) {
    let inputs = signature.inputs
    guard inputs.count >= 2 else {
      throw LossError(
        .unknownInput, loss: name, subject: "target", found: "is given",
        expected: "only \(inputs.first?.role.name ?? "")", hint: "Use evaluate.")
    }
    call.inputs[0] = InputView(
      role: inputs[0].role, shape: first.1, element: S.element,
      pointer: first.0.baseAddress.map { UnsafeRawPointer($0) })
    call.inputs[1] = InputView(
      role: inputs[1].role, shape: second.1, element: T.element,
      pointer: second.0.baseAddress.map { UnsafeRawPointer($0) })
  }

  @inlinable
  func bindGradient<S: LossElement>(
    _ call: inout LossCall<S>, _ gradient: UnsafeMutableBufferPointer<S>
  ) {
    guard let role = call.inputs[0]?.role else { return }
    call.gradients[0] = GradientView(role: role, buffer: gradient)
  }

  /// Evaluates a call whose result is one number.
  @inlinable
  func number<S: LossElement>(_ call: inout LossCall<S>) throws(LossError) -> S {
    try S.evaluate(self, &call)
    guard call.values == nil else {
      throw LossError(
        .invalidOption, loss: name, subject: "reduction",
        found: "leaves a result of shape \(call.shape)", expected: "one that leaves one number",
        hint: "Use evaluate for the rest.")
    }
    return call.value
  }
}
