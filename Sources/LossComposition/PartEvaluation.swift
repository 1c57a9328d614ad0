import LossCore

/// Evaluates the parts of a compound: adapts the inputs, and adds the gradients.
struct PartEvaluation<S: ComputeScalar> {
  private let context: KernelContext<S>
  private let shape: Shape
  private let classAxis: Int
  /// The memory for the gradients of every part but the first, which are then added, by index in
  /// the signature; nil for a gradient that is not requested.
  private let partGradients: [UnsafeMutableBufferPointer<S>?]

  init(_ context: KernelContext<S>) {
    self.context = context
    shape = context.inputs[0]?.shape ?? .scalar
    classAxis = context.classAxis ?? max(0, shape.rank - 1)
    partGradients = context.gradients.indices.map { index in
      guard context.gradients[index] != nil, let count = context.inputs[index]?.count else {
        return nil
      }
      return .allocate(capacity: count)
    }
  }

  func release() {
    for buffer in partGradients { buffer?.deallocate() }
  }

  /// Writes gradients of zero.
  func clear() {
    for index in partGradients.indices { totalGradient(index)?.update(repeating: 0) }
  }

  /// The scaled value of a part; writes its gradients, or adds them to those of earlier parts.
  func evaluate(
    _ part: CompoundPart, overwrites: Bool, partial: PartialCollector?
  ) throws(LossError) -> Double {
    var gradients: [GradientView<S>] = []
    for index in partGradients.indices {
      guard let buffer = overwrites ? totalGradient(index) : partGradients[index] else { continue }
      gradients.append(GradientView(role: context.signature.inputs[index].role, buffer: buffer))
    }
    let vectors = context.vectors.indices.compactMap { index -> InputView? in
      guard let vector = context.vector(index), let shape = context.inputs[index]?.shape else {
        return nil
      }
      return InputView(
        role: context.signature.inputs[index].role, shape: shape, element: S.element,
        pointer: UnsafeRawPointer(vector))
    }
    let inputs = try PartInputs(part, context, shape, classAxis)
    defer { inputs.release() }
    let value = try inputs.views.withUnsafeBufferPointer { (views) throws(LossError) in
      try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
        try vectors.withUnsafeBufferPointer { (vectors) throws(LossError) in
          try [S(part.scale) * context.gradientScale(0)].withUnsafeBufferPointer {
            (upstream) throws(LossError) in
            var request = EvaluationRequest<S>(
              views, gradients: gradients, reduction: part.reduction,
              classAxis: part.loss.signature.classAxis == nil ? nil : classAxis,
              threads: context.threads, order: context.order, upstream: upstream)
            request.vectors = vectors
            // The compound has checked the inputs that its parts share.
            request.domainChecks = .none
            request.partial = partial
            return try S.evaluate(part.loss, request).value
          }
        }
      }
    }
    if !overwrites { for index in partGradients.indices { add(index) } }
    return part.scale * value.asDouble
  }

  /// The gradient of the compound.
  private func totalGradient(_ index: Int) -> UnsafeMutableBufferPointer<S>? {
    partGradients[index].map {
      UnsafeMutableBufferPointer(start: context.gradients[index], count: $0.count)
    }
  }

  /// Adds the gradient of a part, in chunks for several threads.
  private func add(_ index: Int) {
    guard let total = totalGradient(index)?.baseAddress, let partGradient = partGradients[index],
      let part = partGradient.baseAddress
    else { return }
    let (count, size) = (partGradient.count, Blocks.elementsInChunk)
    context.parallelForEach((count + size - 1) / size) { chunk in
      for element in chunk * size..<min(count, (chunk + 1) * size) {
        total[element] += part[element]
      }
    }
  }
}

/// The inputs of a compound, adapted to one of its parts.
private struct PartInputs<S: ComputeScalar> {
  private(set) var views: [InputView] = []
  private var allocations: [UnsafeMutableRawPointer] = []
  private let context: KernelContext<S>
  private let shape: Shape
  private let rows: RowExtents

  init(
    _ part: CompoundPart, _ context: KernelContext<S>, _ shape: Shape, _ classAxis: Int
  ) throws(LossError) {
    self.context = context
    self.shape = shape
    rows = context.rows
    let signature = part.loss.signature
    views.append(view(.prediction, shape, context.real(0)))
    if let indices = context.integers(1), let targetShape = context.inputs[1]?.shape {
      if signature.takesClasses {
        views.append(view(.target, targetShape, indices))
      } else {
        views.append(view(.target, shape, oneHot(indices)))
      }
    } else {
      views.append(view(.target, shape, context.real(1)))
    }
    if signature.maskCovers == .elements {
      if let mask = context.elementMask { views.append(view(.mask, shape, mask)) }
    } else if signature.classAxis != nil {
      if let mask = context.elementMask {
        views.append(view(.mask, shape.removing(axis: classAxis), keptRows(mask)))
      }
    } else {
      try part.classes.check(classCount: rows.length)
      addElements(part.classes, classAxis)
    }
  }

  func release() {
    for pointer in allocations { pointer.deallocate() }
  }

  private func view<T: TensorScalar>(
    _ role: Role, _ shape: Shape, _ pointer: UnsafePointer<T>?
  ) -> InputView {
    InputView(
      role: role, shape: shape, element: T.element, pointer: pointer.map { UnsafeRawPointer($0) })
  }

  private mutating func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    allocations.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  /// Calls a function for each row, with the index of the row and of its first element.
  private func forEachRow(_ body: (_ row: Int, _ start: Int) -> Void) {
    for outer in 0..<rows.outer {
      for inner in 0..<rows.inner {
        body(outer * rows.inner + inner, outer * rows.length * rows.inner + inner)
      }
    }
  }

  /// The one-hot encoding of class indices.
  private mutating func oneHot(_ indices: UnsafePointer<Int>) -> UnsafePointer<S> {
    let encoded = allocate(S.self, count: shape.count)
    forEachRow { row, start in
      for j in 0..<rows.length { encoded[start + j * rows.inner] = indices[row] == j ? 1 : 0 }
    }
    return UnsafePointer(encoded)
  }

  /// The mask of the rows: a row is kept if all its elements are.
  private mutating func keptRows(_ mask: UnsafePointer<Bool>) -> UnsafePointer<Bool> {
    let kept = allocate(Bool.self, count: rows.outer * rows.inner)
    forEachRow { row, start in
      kept[row] = (0..<rows.length).allSatisfy { mask[start + $0 * rows.inner] }
    }
    return UnsafePointer(kept)
  }

  /// Adds the mask and the weight of an elementwise part, which combine the class selection and the
  /// class weights with the mask.
  private mutating func addElements(_ classes: RegionClasses, _ classAxis: Int) {
    let isClass = (0..<shape.rank).map { $0 == classAxis }
    let byClass = Shape(trusted: zip(shape.extents, isClass).map { $1 ? $0 : 1 })
    if !classes.weights.isEmpty {
      let weights = allocate(S.self, count: rows.length)
      for j in 0..<rows.length { weights[j] = S(classes.weight(j)) }
      views.append(view(.weight, byClass, UnsafePointer(weights)))
    }
    if let mask = context.elementMask {
      let kept = allocate(Bool.self, count: shape.count)
      for element in 0..<shape.count {
        let j = element / rows.inner % rows.length
        kept[element] = mask[element] && classes.selection.contains(j)
      }
      views.append(view(.mask, shape, UnsafePointer(kept)))
    } else if classes.selection != .all {
      let kept = allocate(Bool.self, count: rows.length)
      for j in 0..<rows.length { kept[j] = classes.selection.contains(j) }
      views.append(view(.mask, byClass, UnsafePointer(kept)))
    }
  }
}
