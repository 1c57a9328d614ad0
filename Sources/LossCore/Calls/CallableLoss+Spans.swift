// Calls on borrowed memory: nothing is copied or allocated.

extension CallableLoss {
  /// The value of the loss on borrowed memory, and its gradient into memory of the caller's.
  ///
  /// - Parameters:
  ///   - prediction: the elements of the first input in row-major order.
  ///   - target: the elements of the second: as many numbers as `prediction` has, or one class
  ///     index per row.
  ///   - shape: the shape of `prediction`.
  ///   - targetShape: the shape of `target`; nil for that of `prediction`, or, for class indices,
  ///     that without the class axis.
  ///   - weight: weight of each term: as many as `prediction` has elements, or one per row.
  ///   - mask: terms to keep, as many as `weight` has.
  ///   - gradient: memory for as many numbers as `prediction` has.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - classAxis: position of the class axis; nil for the last axis.
  ///   - upstream: a factor of the gradient.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` as `callAsFunction` does.
  @inlinable
  public func valueAndGradient<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Span<P>, _ target: Span<T>, shape: Shape, targetShape: Shape? = nil,
    weight: Span<P.Compute>? = nil, mask: Span<Bool>? = nil, into gradient: inout MutableSpan<P>,
    reduction: Reduction? = nil, classAxis: Int? = nil, upstream: P.Compute? = nil, threads: Int = 1
  ) throws(LossError) -> P.Compute {
    let settings = CallSettings(reduction ?? defaultReduction, classAxis, threads, upstream)
    return try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(settings, prediction, target, shape, targetShape, weight, mask, into: buffer)
    }
  }

  /// The value of the loss on borrowed memory.
  ///
  /// The parameters are those of `valueAndGradient` on borrowed memory.
  @inlinable
  public func value<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Span<P>, _ target: Span<T>, shape: Shape, targetShape: Shape? = nil,
    weight: Span<P.Compute>? = nil, mask: Span<Bool>? = nil, reduction: Reduction? = nil,
    classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> P.Compute {
    let settings = CallSettings<P.Compute>(reduction ?? defaultReduction, classAxis, threads)
    return try perform(settings, prediction, target, shape, targetShape, weight, mask, into: nil)
  }

  /// The value of the loss on borrowed memory, and its second derivatives into memory of the
  /// caller's.
  ///
  /// The parameters are those of `valueAndGradient` on borrowed memory.
  @inlinable
  public func valueAndSecondDerivative<S: ComputeScalar, T: TensorScalar>(
    _ prediction: Span<S>, _ target: Span<T>, shape: Shape, targetShape: Shape? = nil,
    weight: Span<S>? = nil, mask: Span<Bool>? = nil,
    into secondDerivative: inout MutableSpan<S>, reduction: Reduction? = nil,
    classAxis: Int? = nil, threads: Int = 1
  ) throws(LossError) -> S {
    let settings = CallSettings<S>(
      reduction ?? defaultReduction, classAxis, threads, order: .second)
    return try secondDerivative.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(settings, prediction, target, shape, targetShape, weight, mask, into: buffer)
    }
  }
}

extension CallableLoss {
  @inlinable
  func perform<P: PredictionScalar, T: TensorScalar>(
    _ settings: CallSettings<P.Compute>, _ prediction: Span<P>, _ target: Span<T>, _ shape: Shape,
    _ given: Shape?, _ weight: Span<P.Compute>?, _ mask: Span<Bool>?,
    into gradient: UnsafeMutableBufferPointer<P>?
  ) throws(LossError) -> P.Compute {
    let axis = settings.classAxis ?? -1
    let targetShape = try targetShape(
      T.element, counts: (prediction.count, target.count), shape, given, axis)
    let weightShape = try termShape(.weight, weight?.count, shape, axis)
    let maskShape = try termShape(.mask, mask?.count, shape, axis)
    return try prediction.withUnsafeBufferPointer { (prediction) throws(LossError) in
      try target.withUnsafeBufferPointer { (target) throws(LossError) in
        try withPointer(of: weight) { (weights) throws(LossError) in
          try withPointer(of: mask) { (flags) throws(LossError) in
            try P.Compute.value(
              of: self,
              TypedRequest(
                settings, TypedInput(shape, prediction.baseAddress),
                TypedInput(targetShape, target.baseAddress),
                weight: weightShape.map { TypedInput($0, weights) },
                mask: maskShape.map { TypedInput($0, flags) }, into: gradient))
          }
        }
      }
    }
  }

  /// The shape of a weight or a mask of which only the number of elements is known: that of the
  /// prediction, or that without the class axis.
  @usableFromInline
  func termShape(
    _ role: Role, _ count: Int?, _ shape: Shape, _ classAxis: Int
  ) throws(LossError) -> Shape? {
    guard let count else { return nil }
    let rows = shape.removing(axis: classAxis)
    if count == shape.count, signature.classAxis == nil || count != rows.count { return shape }
    guard count == rows.count else {
      throw LossError(
        .shapeMismatch, loss: name, subject: role.name, found: "has \(count) elements",
        expected: signature.classAxis == nil
          ? "\(shape.count), one per element of prediction"
          : "\(rows.count), one per row of prediction")
    }
    return rows
  }

  /// The shape of a target of which perhaps only the number of elements is known: that of the
  /// prediction, or that without the class axis.
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
    // Whole numbers for a loss that takes classes are classes, also where there is one class only.
    let mayBeClasses = element == .int64 && signature.takesClasses
    if count == shape.count, !mayBeClasses { return shape }
    let rows = shape.removing(axis: classAxis)
    let found = count == rows.count || count != shape.count ? rows : shape
    guard count == found.count else {
      throw LossError(
        .shapeMismatch, loss: name, subject: "target", found: "has \(count) elements",
        expected: "\(shape.count), one for each of prediction, or \(found.count) classes")
    }
    return found
  }
}

/// Calls a function with the memory of a span; with nil for nil.
@inlinable
func withPointer<T, Result>(
  of span: Span<T>?, _ body: (UnsafePointer<T>?) throws(LossError) -> Result
) throws(LossError) -> Result {
  guard let span else { return try body(nil) }
  return try span.withUnsafeBufferPointer { (buffer) throws(LossError) in
    try body(buffer.baseAddress)
  }
}
