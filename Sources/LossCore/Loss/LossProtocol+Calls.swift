// Typed calls take two tensors or arrays and return the value and the gradient. The tensors are the
// first two inputs of the signature, which for most losses are prediction and target.

extension LossProtocol {
  /// The value of the loss.
  ///
  ///     let loss = HuberLoss(delta: 0.5)
  ///     let value = try loss(prediction, target)
  ///
  /// - Parameters:
  ///   - prediction: the first input of the signature.
  ///   - target: the second input: real numbers, or class indices if the loss accepts them.
  ///   - weight: the weight of each term.
  ///   - mask: the mask of the terms; true keeps a term.
  ///   - reduction: the reduction of the terms; nil for the default of the loss.
  ///   - classAxis: the class axis; nil for the last axis.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  /// - Throws: `LossError` for invalid inputs or options, and for a reduction whose result is not a
  ///   scalar; use `evaluate` for those.
  @inlinable
  public func callAsFunction<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> S {
    let request = LossRequest(reduction ?? defaultReduction, classAxis, threads)
    return try perform(request, prediction, target, weight, mask, into: nil)
  }

  /// The value of the loss and its gradient with respect to the prediction, in one pass.
  ///
  /// The parameters are those of `callAsFunction`.
  @inlinable
  public func valueAndGradient<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> (value: S, gradient: Tensor<S>) {
    let request = LossRequest(reduction ?? defaultReduction, classAxis, threads)
    var gradient = [S](repeating: 0, count: prediction.count)
    let value = try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(request, prediction, target, weight, mask, into: buffer)
    }
    return (value, Tensor(trusted: prediction.shape, gradient))
  }

  /// The value of the loss on arrays, which have one axis.
  @inlinable
  public func callAsFunction<S: ComputeScalar, T: TensorScalar>(
    _ prediction: [S], _ target: [T], reduction: Reduction? = nil
  ) throws(LossError) -> S {
    try self(Tensor(prediction), Tensor(target), reduction: reduction)
  }

  /// The value of the loss and its gradient on arrays, which have one axis.
  @inlinable
  public func valueAndGradient<S: ComputeScalar, T: TensorScalar>(
    _ prediction: [S], _ target: [T], reduction: Reduction? = nil
  ) throws(LossError) -> (value: S, gradient: [S]) {
    let result = try valueAndGradient(
      Tensor(prediction), Tensor(target), reduction: reduction)
    return (result.value, result.gradient.scalars)
  }

  /// The value of the loss on borrowed memory, with its gradient written to memory of the caller:
  /// nothing is copied or allocated.
  ///
  /// - Parameters:
  ///   - prediction: the elements of the first input in row-major order.
  ///   - target: the elements of the second input: as many numbers as `prediction`, or one class
  ///     index per row.
  ///   - shape: the shape of `prediction`.
  ///   - targetShape: the shape of `target`; nil for that of `prediction` or, for class indices,
  ///     that without the class axis.
  ///   - gradient: memory for as many numbers as `prediction` has.
  ///   - reduction: the reduction of the terms; nil for the default of the loss.
  ///   - classAxis: the class axis; nil for the last axis.
  ///   - threads: the maximum number of threads; the result does not depend on it.
  /// - Throws: `LossError` as `callAsFunction` does.
  @inlinable
  public func valueAndGradient<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Span<S>, _ target: Span<T>, shape: Shape, targetShape: Shape? = nil,
    into gradient: inout MutableSpan<S>, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> S {
    let request = LossRequest(reduction ?? defaultReduction, classAxis, threads)
    return try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(request, prediction, target, shape, targetShape, into: buffer)
    }
  }

  /// The value of the loss on borrowed memory: nothing is copied or allocated.
  ///
  /// The parameters are those of `valueAndGradient` on borrowed memory.
  @inlinable
  public func value<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Span<S>, _ target: Span<T>, shape: Shape, targetShape: Shape? = nil,
    reduction: Reduction? = nil, classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    let request = LossRequest(reduction ?? defaultReduction, classAxis, threads)
    return try perform(request, prediction, target, shape, targetShape, into: nil)
  }
}

extension LossProtocol {
  /// The second derivative of the loss with respect to each element of the prediction: the diagonal
  /// of the Hessian, as gradient boosting and Newton's method use it.
  ///
  /// The parameters are those of `callAsFunction`. With the reduction `.sum` every element is the
  /// second derivative of its own term; a mean divides it as it divides the gradient.
  ///
  /// - Throws: `LossError` of code `unknown_input` if the loss has no second derivative
  ///   (`rolesWithSecondDerivative` is empty), and as `callAsFunction` does.
  @inlinable
  public func secondDerivative<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Tensor<S>, _ target: Tensor<T>, weight: Tensor<S>? = nil,
    mask: Tensor<Bool>? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> Tensor<S> {
    let request = LossRequest(reduction ?? defaultReduction, classAxis, threads, .second)
    var result = [S](repeating: 0, count: prediction.count)
    _ = try result.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(request, prediction, target, weight, mask, into: buffer)
    }
    return Tensor(trusted: prediction.shape, result)
  }

  /// The value of the loss on borrowed memory, with its second derivatives written to memory of the
  /// caller: nothing is copied or allocated.
  ///
  /// The parameters are those of `valueAndGradient` on borrowed memory.
  @inlinable
  public func valueAndSecondDerivative<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Span<S>, _ target: Span<T>, shape: Shape, targetShape: Shape? = nil,
    into secondDerivative: inout MutableSpan<S>, reduction: Reduction? = nil,
    classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    let request = LossRequest(reduction ?? defaultReduction, classAxis, threads, .second)
    return try secondDerivative.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(request, prediction, target, shape, targetShape, into: buffer)
    }
  }
}

/// The parameters of a typed call, without its inputs.
@usableFromInline struct LossRequest {
  @usableFromInline let reduction: Reduction
  @usableFromInline let classAxis: Int?
  @usableFromInline let threads: Int
  @usableFromInline let order: DerivativeOrder

  @inlinable
  init(
    _ reduction: Reduction, _ classAxis: Int?, _ threads: Int, _ order: DerivativeOrder = .first
  ) {
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = threads
    self.order = order
  }
}

/// One input of a typed call, without a role.
public struct TypedInput {
  @usableFromInline let shape: Shape
  @usableFromInline let element: ElementType
  @usableFromInline let pointer: UnsafeRawPointer?

  @inlinable
  init<T: TensorScalar>(_ shape: Shape, _ pointer: UnsafePointer<T>?) {
    self.shape = shape
    element = T.element
    self.pointer = pointer.map { UnsafeRawPointer($0) }
  }

  func view(_ role: Role) -> InputView {
    InputView(role: role, shape: shape, element: element, pointer: pointer)
  }
}

/// A typed call with a scalar result, on the first two inputs of a signature and on memory that
/// outlives the call.
public struct TypedRequest<S: LossScalar> {
  @usableFromInline let request: LossRequest
  @usableFromInline let inputs: (TypedInput, TypedInput)
  @usableFromInline let weight: TypedInput?
  @usableFromInline let mask: TypedInput?
  @usableFromInline let gradient: UnsafeMutableBufferPointer<S>?

  @inlinable
  init(
    _ request: LossRequest, _ first: TypedInput, _ second: TypedInput, weight: TypedInput? = nil,
    mask: TypedInput? = nil, into gradient: UnsafeMutableBufferPointer<S>?
  ) {
    self.request = request
    inputs = (first, second)
    self.weight = weight
    self.mask = mask
    self.gradient = gradient
  }

  /// The value of a loss; inlined into the function of each scalar type.
  @inline(__always)
  func value(of loss: some LossProtocol) throws(LossError) -> S where S: ComputeScalar {
    let roles = loss.signature.inputs
    guard roles.count >= 2 else {
      throw LossError(
        .unknownInput, loss: loss.name, subject: "target", found: "is not an input of this loss",
        expected: "only \(roles.first?.role.name ?? "")", hint: "Call evaluate instead.")
    }
    return try withUnsafeTemporaryAllocation(of: InputView.self, capacity: 4) {
      (views) throws(LossError) in
      var count = 2
      views.initializeElement(at: 0, to: inputs.0.view(roles[0].role))
      views.initializeElement(at: 1, to: inputs.1.view(roles[1].role))
      if let weight {
        views.initializeElement(at: count, to: weight.view(.weight))
        count += 1
      }
      if let mask {
        views.initializeElement(at: count, to: mask.view(.mask))
        count += 1
      }
      let inputs = views.extracting(0..<count)
      defer { inputs.deinitialize() }
      return try withUnsafeTemporaryAllocation(of: GradientView<S>.self, capacity: 1) {
        (wanted) throws(LossError) in
        if let gradient {
          wanted.initializeElement(at: 0, to: GradientView(role: roles[0].role, buffer: gradient))
        }
        let gradients = wanted.extracting(0..<(gradient == nil ? 0 : 1))
        defer { gradients.deinitialize() }
        let outcome = try S.evaluate(
          loss,
          EvaluationRequest<S>(
            UnsafeBufferPointer(inputs), gradients: UnsafeBufferPointer(gradients),
            reduction: request.reduction, classAxis: request.classAxis, threads: request.threads,
            order: request.order))
        guard outcome.values == nil else {
          throw LossError(
            .invalidOption, loss: loss.name, subject: "reduction",
            found: "gives a result of shape \(outcome.shape)",
            expected: "a reduction to a scalar", hint: "Call evaluate for a tensor result.")
        }
        return outcome.value
      }
    }
  }
}

extension LossProtocol {
  @inlinable
  func perform<S: ComputeScalar, T: TensorScalar>(
    _ request: LossRequest, _ prediction: Span<S>, _ target: Span<T>, _ shape: Shape,
    _ given: Shape?, into gradient: UnsafeMutableBufferPointer<S>?
  ) throws(LossError) -> S {
    let targetShape = try targetShape(
      T.element, counts: (prediction.count, target.count), shape, given, request.classAxis ?? -1)
    return try prediction.withUnsafeBufferPointer { (prediction) throws(LossError) in
      try target.withUnsafeBufferPointer { (target) throws(LossError) in
        try S.value(
          of: self,
          TypedRequest(
            request, TypedInput(shape, prediction.baseAddress),
            TypedInput(targetShape, target.baseAddress), into: gradient))
      }
    }
  }

  /// The shape of a target, inferred from its number of elements if it is not given: the shape of
  /// the prediction, or that without the class axis.
  @usableFromInline
  func targetShape(
    _ element: ElementType, counts: (Int, Int), _ shape: Shape, _ given: Shape?, _ classAxis: Int
  ) throws(LossError) -> Shape {
    let (predictionCount, count) = counts
    guard predictionCount == shape.count else {
      throw LossError(
        .shapeMismatch, loss: name, subject: "prediction", found: "has \(predictionCount) elements",
        expected: "\(shape.count), for shape \(shape)")
    }
    if let given {
      guard count == given.count else {
        throw LossError(
          .shapeMismatch, loss: name, subject: "target", found: "has \(count) elements",
          expected: "\(given.count), for shape \(given)")
      }
      return given
    }
    // For a loss that accepts classes, integers are class indices, even if there is only one class.
    let mayBeClasses = element == .int64 && signature.takesClasses
    if count == shape.count, !mayBeClasses { return shape }
    let rows = shape.removing(axis: classAxis)
    let found = count == rows.count || count != shape.count ? rows : shape
    guard count == found.count else {
      throw LossError(
        .shapeMismatch, loss: name, subject: "target", found: "has \(count) elements",
        expected: "\(shape.count), one per element of prediction, or \(found.count) class indices")
    }
    return found
  }

  @inlinable
  func perform<S: ComputeScalar, T: TensorScalar>(
    _ request: LossRequest, _ prediction: Tensor<S>, _ target: Tensor<T>, _ weight: Tensor<S>?,
    _ mask: Tensor<Bool>?, into gradient: UnsafeMutableBufferPointer<S>?
  ) throws(LossError) -> S {
    try prediction.scalars.withUnsafeBufferPointer { (first) throws(LossError) in
      try target.scalars.withUnsafeBufferPointer { (second) throws(LossError) in
        try (weight?.scalars).withPointer { (weights) throws(LossError) in
          try (mask?.scalars).withPointer { (truths) throws(LossError) in
            try S.value(
              of: self,
              TypedRequest(
                request, TypedInput(prediction.shape, first.baseAddress),
                TypedInput(target.shape, second.baseAddress),
                weight: weight.map { TypedInput($0.shape, weights) },
                mask: mask.map { TypedInput($0.shape, truths) }, into: gradient))
          }
        }
      }
    }
  }
}
