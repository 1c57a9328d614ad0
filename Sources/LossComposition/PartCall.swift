import LossCore

/// The inputs of a compound, made ready for its parts, and the room for their gradients.
struct PartCall<S: ComputeScalar> {
  private let pass: KernelContext<S>
  private let shape: Shape
  private let classAxis: Int
  /// Where the gradients of all parts but the first go before they are added, by their places in the
  /// signature; nil for one that is not wanted.
  private let own: [UnsafeMutableBufferPointer<S>?]

  init(_ pass: KernelContext<S>) {
    self.pass = pass
    shape = pass.inputs[0]?.shape ?? .scalar
    classAxis = pass.classAxis ?? max(0, shape.rank - 1)
    own = pass.gradients.indices.map { index in
      guard pass.gradients[index] != nil, let count = pass.inputs[index]?.count else { return nil }
      return .allocate(capacity: count)
    }
  }

  func release() {
    for buffer in own { buffer?.deallocate() }
  }

  /// Writes gradients of zero.
  func clear() {
    for index in own.indices { target(index)?.update(repeating: 0) }
  }

  /// The value of a part, times its scale; writes its gradients, or adds them to those before.
  func evaluate(_ part: CompoundPart, overwrites: Bool) throws(LossError) -> Double {
    var gradients: [GradientView<S>] = []
    for index in own.indices {
      guard let buffer = overwrites ? target(index) : own[index] else { continue }
      gradients.append(GradientView(role: pass.signature.inputs[index].role, buffer: buffer))
    }
    let inputs = try PartInputs(part, pass, shape, classAxis)
    defer { inputs.release() }
    let value = try inputs.views.withUnsafeBufferPointer { (views) throws(LossError) in
      try gradients.withUnsafeBufferPointer { (gradients) throws(LossError) in
        try [S(part.scale) * pass.gradientScale(0)].withUnsafeBufferPointer {
          (upstream) throws(LossError) in
          try S.evaluate(
            part.loss,
            EvaluationRequest<S>(
              views, gradients: gradients, reduction: part.reduction,
              classAxis: part.loss.signature.classAxis == nil ? nil : classAxis,
              threads: pass.threads, upstream: upstream)
          ).value
        }
      }
    }
    if !overwrites { for index in own.indices { add(index) } }
    return part.scale * value.asDouble
  }

  private func target(_ index: Int) -> UnsafeMutableBufferPointer<S>? {
    own[index].map { UnsafeMutableBufferPointer(start: pass.gradients[index], count: $0.count) }
  }

  /// Adds the gradient of a part, element by element, in pieces for several threads.
  private func add(_ index: Int) {
    guard let total = target(index)?.baseAddress, let own = own[index], let part = own.baseAddress
    else { return }
    let size = Blocks.elementsInChunk
    pass.parallelForEach((own.count + size - 1) / size) { chunk in
      for place in chunk * size..<min(own.count, (chunk + 1) * size) { total[place] += part[place] }
    }
  }
}

/// The inputs of a compound as one of its parts takes them.
private struct PartInputs<S: ComputeScalar> {
  private(set) var views: [InputView] = []
  private var owned: [UnsafeMutableRawPointer] = []
  private let pass: KernelContext<S>
  private let shape: Shape
  private let rows: RowExtents

  init(
    _ part: CompoundPart, _ pass: KernelContext<S>, _ shape: Shape, _ classAxis: Int
  ) throws(LossError) {
    self.pass = pass
    self.shape = shape
    rows = pass.rows
    let signature = part.loss.signature
    views.append(view(.prediction, shape, pass.real(0)))
    if let indices = pass.integers(1), let given = pass.inputs[1]?.shape {
      if signature.takesClasses {
        views.append(view(.target, given, indices))
      } else {
        views.append(view(.target, shape, oneHot(indices)))
      }
    } else {
      views.append(view(.target, shape, pass.real(1)))
    }
    if signature.maskCovers == .elements {
      if let mask = pass.elementMask { views.append(view(.mask, shape, mask)) }
    } else if signature.classAxis != nil {
      if let mask = pass.elementMask {
        views.append(view(.mask, shape.removing(axis: classAxis), keptRows(mask)))
      }
    } else {
      try part.classes.check(classCount: rows.length)
      addElements(part.classes, classAxis)
    }
  }

  func release() {
    for pointer in owned { pointer.deallocate() }
  }

  private func view<T: TensorScalar>(
    _ role: Role, _ shape: Shape, _ pointer: UnsafePointer<T>?
  ) -> InputView {
    InputView(
      role: role, shape: shape, element: T.element, pointer: pointer.map { UnsafeRawPointer($0) })
  }

  private mutating func own<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    owned.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  /// Calls a function for each row: its place, and that of its first element.
  private func forEachRow(_ body: (_ row: Int, _ start: Int) -> Void) {
    for outer in 0..<rows.outer {
      for inner in 0..<rows.inner {
        body(outer * rows.inner + inner, outer * rows.length * rows.inner + inner)
      }
    }
  }

  /// 1 for the class of each row, 0 for the others.
  private mutating func oneHot(_ indices: UnsafePointer<Int>) -> UnsafePointer<S> {
    let numbers = own(S.self, count: shape.count)
    forEachRow { row, start in
      for j in 0..<rows.length { numbers[start + j * rows.inner] = indices[row] == j ? 1 : 0 }
    }
    return UnsafePointer(numbers)
  }

  /// The rows of which every element is kept.
  private mutating func keptRows(_ mask: UnsafePointer<Bool>) -> UnsafePointer<Bool> {
    let kept = own(Bool.self, count: rows.outer * rows.inner)
    forEachRow { row, start in
      kept[row] = (0..<rows.length).allSatisfy { mask[start + $0 * rows.inner] }
    }
    return UnsafePointer(kept)
  }

  /// The mask and the weight of a part over elements: what classes count and weigh, beside the mask.
  private mutating func addElements(_ classes: RegionClasses, _ classAxis: Int) {
    let isClass = (0..<shape.rank).map { $0 == classAxis }
    let byClass = Shape(trusted: zip(shape.extents, isClass).map { $1 ? $0 : 1 })
    if !classes.weights.isEmpty {
      let weights = own(S.self, count: rows.length)
      for j in 0..<rows.length { weights[j] = S(classes.weight(j)) }
      views.append(view(.weight, byClass, UnsafePointer(weights)))
    }
    if let mask = pass.elementMask {
      let kept = own(Bool.self, count: shape.count)
      for element in 0..<shape.count {
        let j = element / rows.inner % rows.length
        kept[element] = mask[element] && classes.selection.contains(j)
      }
      views.append(view(.mask, shape, UnsafePointer(kept)))
    } else if classes.selection != .all {
      let kept = own(Bool.self, count: rows.length)
      for j in 0..<rows.length { kept[j] = classes.selection.contains(j) }
      views.append(view(.mask, byClass, UnsafePointer(kept)))
    }
  }
}
