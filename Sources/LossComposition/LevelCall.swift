import LossCore

/// One level of a deep supervision: its prediction, and the other inputs brought to its resolution.
struct LevelCall<S: ComputeScalar> {
  private let part: SumLoss.Part
  private let level: InputView
  private let leading: Role
  private let call: EvaluationRequest<S>
  private let classAxis: Int?

  /// A level of a call, whose prediction the loss knows by the role of the finest.
  init(_ part: SumLoss.Part, _ level: InputView, _ leading: Role, _ call: EvaluationRequest<S>) {
    self.part = part
    self.level = level
    self.leading = leading
    self.call = call
    classAxis = part.loss.classAxis ?? call.classAxis
  }

  private var signature: LossSignature { part.loss.base.signature }

  /// The value, times the weight; writes the gradient of the prediction, and adds those of the rest.
  func evaluate(_ weight: Double) throws(LossError) -> Tensor<S> {
    var inputs = [view(leading, level.shape, level)]
    var gradients: [GradientView<S>] = []
    if let wanted = gradient(level.role) {
      gradients.append(GradientView(role: leading, buffer: wanted))
    }
    var owned: [UnsafeMutableRawPointer] = []
    var shared: [(total: UnsafeMutableBufferPointer<S>, own: GradientView<S>, places: [Int])] = []
    defer {
      for memory in owned { memory.deallocate() }
      for one in shared { one.own.buffer.deallocate() }
    }
    for input in call.inputs
    where input.role != leading && (signature.input(input.role) != nil || isEverys(input.role)) {
      let shape = try resized(input)
      // Where there is nothing to take, the loss says what is wrong with the shapes.
      let places =
        shape == input.shape || input.shape.count == 0
        ? nil : input.shape.nearest(to: shape)
      if let places {
        let memory = input.taking(places)
        owned.append(memory)
        inputs.append(
          InputView(
            role: input.role, shape: shape, element: input.element,
            pointer: UnsafeRawPointer(memory)))
      } else {
        inputs.append(input)
      }
      guard let total = gradient(input.role), total.count == input.shape.count else { continue }
      let own = GradientView<S>(
        role: input.role, buffer: .allocate(capacity: places?.count ?? total.count))
      own.buffer.initialize(repeating: 0)
      gradients.append(own)
      shared.append((total, own, places ?? Array(total.indices)))
    }
    let values = try evaluate(inputs, gradients, S(weight * part.scale))
    for (total, own, places) in shared {
      for (place, derivative) in zip(places, own.buffer) { total[place] += derivative }
    }
    return values
  }

  private func evaluate(
    _ inputs: [InputView], _ gradients: [GradientView<S>], _ weight: S
  ) throws(LossError) -> Tensor<S> {
    let upstream = (call.upstream.map(Array.init) ?? [1]).map { $0 * weight }
    do throws(LossError) {
      return try upstream.withUnsafeBufferPointer { (upstream) throws(LossError) in
        try part.evaluate(inputs, gradients, upstream: upstream, in: call).map { $0 * weight }
      }
    } catch {
      var error = error
      if error.subject == leading.name { error.subject = level.role.name }
      throw error
    }
  }

  private func gradient(_ role: Role) -> UnsafeMutableBufferPointer<S>? {
    call.gradients.first { $0.role == role }?.buffer
  }

  private func view(_ role: Role, _ shape: Shape, _ input: InputView) -> InputView {
    InputView(role: role, shape: shape, element: input.element, pointer: input.pointer)
  }

  private func isEverys(_ role: Role) -> Bool { role == .weight || role == .mask }

  /// The shape that an input has at the resolution of the level: the extents of the prediction along
  /// its places, its own along the other axes. An input without places keeps its shape.
  private func resized(_ input: InputView) throws(LossError) -> Shape {
    guard hasPlaces(input.role) else { return input.shape }
    let extents = level.shape.extents
    var axes = extents.indices.map { $0 == 0 ? nil : Optional(extents[$0]) }
    let classes = hasClasses ? level.shape.position(ofAxis: classAxis ?? -1) : nil
    if let classes {
      axes[classes] = nil
      if input.shape.rank == axes.count - 1 { axes.remove(at: classes) }
    }
    guard input.shape.rank == axes.count else { return input.shape }
    return try Shape(zip(input.shape.extents, axes).map { $1 ?? $0 })
  }

  /// Whether one of the axes of the prediction is that of the classes.
  private var hasClasses: Bool {
    let axes = signature.inputs.first?.encodings.first?.axes.axes ?? []
    return axes.contains(.named(signature.classAxis ?? "class")) || call.classAxis != nil
  }

  /// Whether an input lies where the prediction does; a weight of regions does not.
  private func hasPlaces(_ role: Role) -> Bool {
    let covers = role == .mask && signature.maskCovers == .elements
    return !isEverys(role) || covers || signature.terms.axes.contains(.ellipsis)
  }
}

extension Shape {
  /// For each element of a shape of as many axes the element of this one in whose middle it lies:
  /// along an axis of n for m, place j takes place `⌊(2 j + 1) n / (2 m)⌋`. No extent of this may
  /// be 0.
  func nearest(to shape: Shape) -> [Int] {
    if shape.count == 0 { return [] }
    return zip(extents, shape.extents).reduce([0]) { offsets, axis in
      let (own, wanted) = axis
      let steps = (0..<wanted).map { (2 * $0 + 1) * own / (2 * wanted) }
      return offsets.flatMap { start in steps.map { start * own + $0 } }
    }
  }
}

extension InputView {
  /// A copy of some elements, which the caller frees.
  fileprivate func taking(_ places: [Int]) -> UnsafeMutableRawPointer {
    switch element {
    case .float32: taking(places, Float.self)
    case .float64: taking(places, Double.self)
    case .int64: taking(places, Int.self)
    case .bool: taking(places, Bool.self)
    }
  }

  private func taking<T>(_ places: [Int], _ type: T.Type) -> UnsafeMutableRawPointer {
    let copy = UnsafeMutablePointer<T>.allocate(capacity: Swift.max(1, places.count))
    if let source = pointer?.assumingMemoryBound(to: T.self) {
      for (index, place) in places.enumerated() { (copy + index).initialize(to: source[place]) }
    }
    return UnsafeMutableRawPointer(copy)
  }
}
