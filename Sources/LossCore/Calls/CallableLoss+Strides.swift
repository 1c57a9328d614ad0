// Calls on borrowed memory whose elements do not lie in row-major order without gaps: padded rows,
// channels last, a part of a larger array, a reversed axis.

/// Where the elements of an array lie in a span.
///
///     // A batch of images with channels last, [8, 32, 32, 3], read as [8, 3, 32, 32]:
///     let layout = StridedLayout(try Shape([8, 3, 32, 32]), strides: [3072, 1, 96, 3])
public struct StridedLayout: Hashable, Sendable {
  /// The extents of the axes.
  public let shape: Shape
  /// The distance of adjacent elements along each axis, in elements; negative for a reversed axis,
  /// and 0 only for a weight or a mask, whose elements are then repeated.
  public let strides: [Int]
  /// The position in the span of the element with the index 0 on every axis.
  public let offset: Int

  /// A layout; calls check it against the span.
  public init(_ shape: Shape, strides: [Int], offset: Int = 0) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// Checks that all elements lie in a span.
  @usableFromInline
  func check(_ role: Role, _ loss: String, count: Int) throws(LossError) {
    guard strides.count == shape.rank else {
      throw LossError(
        .shapeMismatch, loss: loss, subject: role.name, found: "has \(strides.count) strides",
        expected: "\(shape.rank), one for each axis of shape \(shape)")
    }
    guard shape.count > 0 else { return }
    var (first, last, overflows) = (offset, offset, false)
    for (extent, stride) in zip(shape.extents, strides) {
      let (distance, isTooFar) = stride.multipliedReportingOverflow(by: extent - 1)
      let end = (distance < 0 ? first : last).addingReportingOverflow(distance)
      if distance < 0 { first = end.partialValue } else { last = end.partialValue }
      overflows = overflows || isTooFar || end.overflow
    }
    guard !overflows, first >= 0, last < count else {
      throw LossError(
        .shapeMismatch, loss: loss, subject: role.name,
        found: "has \(count) elements",
        expected: "all of shape \(shape) with strides \(strides) from element \(offset)")
    }
  }
}

extension CallableLoss {
  /// The value of the loss on borrowed memory with strides, and its gradient into memory with
  /// strides, of which nothing else is written.
  ///
  /// - Parameters:
  ///   - prediction: the memory of the first input.
  ///   - target: the memory of the second.
  ///   - layout: where the elements of `prediction` lie.
  ///   - targetLayout: where those of `target` lie.
  ///   - weight: the memory of the weights of the terms.
  ///   - weightLayout: where they lie; nil for row-major order.
  ///   - mask: the memory of the terms to keep.
  ///   - maskLayout: where they lie; nil for row-major order.
  ///   - gradient: the memory for the gradient.
  ///   - gradientLayout: where its elements lie; nil for `layout`.
  ///   - reduction: how the terms become one number; nil for the loss's own default.
  ///   - classAxis: position of the class axis; nil for the last axis.
  ///   - upstream: a factor of the gradient.
  ///   - threads: number of threads that may work at once; the result does not depend on it.
  /// - Throws: `LossError` as `callAsFunction` does, and of code `shape_mismatch` for a layout that
  ///   does not fit its span.
  @inlinable
  public func valueAndGradient<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Span<P>, _ target: Span<T>, layout: StridedLayout, targetLayout: StridedLayout,
    weight: Span<P.Compute>? = nil, weightLayout: StridedLayout? = nil, mask: Span<Bool>? = nil,
    maskLayout: StridedLayout? = nil, into gradient: inout MutableSpan<P>,
    gradientLayout: StridedLayout? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    upstream: P.Compute? = nil, threads: Int = 1
  ) throws(LossError) -> P.Compute {
    let settings = CallSettings<P.Compute>(
      reduction ?? defaultReduction, classAxis, threads, upstream)
    let gradientLayout = gradientLayout ?? layout
    try gradientLayout.check("gradient", name, count: gradient.count)
    return try gradient.withUnsafeMutableBufferPointer { (buffer) throws(LossError) in
      try perform(
        settings, prediction, target, layout, targetLayout, weight, weightLayout, mask, maskLayout,
        into: buffer, gradientLayout)
    }
  }

  /// The value of the loss on borrowed memory with strides.
  ///
  /// The parameters are those of `valueAndGradient` on such memory.
  @inlinable
  public func value<P: PredictionScalar, T: TensorScalar>(
    _ prediction: Span<P>, _ target: Span<T>, layout: StridedLayout, targetLayout: StridedLayout,
    weight: Span<P.Compute>? = nil, weightLayout: StridedLayout? = nil, mask: Span<Bool>? = nil,
    maskLayout: StridedLayout? = nil, reduction: Reduction? = nil, classAxis: Int? = nil,
    threads: Int = 1
  ) throws(LossError) -> P.Compute {
    try perform(
      CallSettings<P.Compute>(reduction ?? defaultReduction, classAxis, threads), prediction,
      target, layout, targetLayout, weight, weightLayout, mask, maskLayout, into: nil, nil)
  }

  @inlinable
  func perform<P: PredictionScalar, T: TensorScalar>(
    _ settings: CallSettings<P.Compute>, _ prediction: Span<P>, _ target: Span<T>,
    _ layout: StridedLayout, _ targetLayout: StridedLayout, _ weight: Span<P.Compute>?,
    _ weightLayout: StridedLayout?, _ mask: Span<Bool>?, _ maskLayout: StridedLayout?,
    into gradient: UnsafeMutableBufferPointer<P>?, _ gradientLayout: StridedLayout?
  ) throws(LossError) -> P.Compute {
    try layout.check("prediction", name, count: prediction.count)
    try targetLayout.check("target", name, count: target.count)
    try weightLayout?.check(.weight, name, count: weight?.count ?? 0)
    try maskLayout?.check(.mask, name, count: mask?.count ?? 0)
    let axis = settings.classAxis ?? -1
    let weightShape = try termShape(.weight, weight?.count, layout.shape, axis, given: weightLayout)
    let maskShape = try termShape(.mask, mask?.count, layout.shape, axis, given: maskLayout)
    return try prediction.withUnsafeBufferPointer { (prediction) throws(LossError) in
      try target.withUnsafeBufferPointer { (target) throws(LossError) in
        try withPointer(of: weight) { (weights) throws(LossError) in
          try withPointer(of: mask) { (flags) throws(LossError) in
            try P.Compute.value(
              of: self,
              TypedRequest(
                settings, TypedInput(layout, prediction.baseAddress),
                TypedInput(targetLayout, target.baseAddress),
                weight: weightShape.map { TypedInput($0, weights) },
                mask: maskShape.map { TypedInput($0, flags) },
                into: gradient, gradientLayout))
          }
        }
      }
    }
  }
}

extension CallableLoss {
  /// The layout of a weight or a mask: the given one, or row-major order of as many terms.
  @usableFromInline
  func termShape(
    _ role: Role, _ count: Int?, _ shape: Shape, _ classAxis: Int, given: StridedLayout?
  ) throws(LossError) -> StridedLayout? {
    if let given { return given }
    guard let shape = try termShape(role, count, shape, classAxis) else { return nil }
    return StridedLayout(shape)
  }
}

extension StridedLayout {
  /// Row-major order without gaps.
  public init(_ shape: Shape) { self.init(shape, strides: shape.strides { _ in true }) }
}
