import LossCore

/// The evaluation of one level: its prediction, and the other inputs resampled to its resolution.
struct LevelEvaluation<S: ComputeScalar> {
  private let part: SumLoss.Part
  private let level: InputView
  private let leading: Role
  private let request: EvaluationRequest<S>
  private let classAxis: Int?

  /// A level of a request. The loss gets its prediction under the role of the finest level.
  init(_ part: SumLoss.Part, _ level: InputView, _ leading: Role, _ request: EvaluationRequest<S>) {
    self.part = part
    self.level = level
    self.leading = leading
    self.request = request
    classAxis = part.loss.baseClassAxis ?? request.classAxis
  }

  private var signature: LossSignature { part.loss.base.signature }

  /// The weighted value; writes the gradient of the prediction, and adds those of the shared
  /// inputs.
  func evaluate(_ weight: Double) throws(LossError) -> Tensor<S> {
    var inputs = [view(leading, level.shape, level)]
    var gradients: [GradientView<S>] = []
    if let buffer = gradient(level.role) {
      gradients.append(GradientView(role: leading, buffer: buffer))
    }
    var vectors: [InputView] = []
    if let vector = vector(level.role) { vectors.append(view(leading, vector.shape, vector)) }
    var allocations: [UnsafeMutableRawPointer] = []
    var shared:
      [(total: UnsafeMutableBufferPointer<S>, levelGradient: GradientView<S>, indices: [Int])] = []
    defer {
      for memory in allocations { memory.deallocate() }
      for input in shared { input.levelGradient.buffer.deallocate() }
    }
    for input in request.inputs
    where input.role != leading
      && (signature.input(input.role) != nil || isWeightOrMask(input.role))
    {
      let shape = try resized(input)
      // An empty input cannot be sampled; the loss reports the shape mismatch.
      let indices =
        shape == input.shape || input.shape.count == 0
        ? nil : input.shape.nearest(to: shape)
      func sampled(_ input: InputView) -> InputView {
        guard let indices else { return input }
        let memory = input.gathering(indices)
        allocations.append(memory)
        return InputView(
          role: input.role, shape: shape, element: input.element,
          pointer: UnsafeRawPointer(memory))
      }
      inputs.append(sampled(input))
      if let vector = vector(input.role) {
        vectors.append(vector.shape == input.shape ? sampled(vector) : vector)
      }
      guard let total = gradient(input.role), total.count == input.shape.count else { continue }
      let levelGradient = GradientView<S>(
        role: input.role, buffer: .allocate(capacity: indices?.count ?? total.count))
      levelGradient.buffer.initialize(repeating: 0)
      gradients.append(levelGradient)
      shared.append((total, levelGradient, indices ?? Array(total.indices)))
    }
    let values = try evaluate(inputs, gradients, vectors, S(weight * part.scale))
    for (total, levelGradient, indices) in shared {
      for (index, derivative) in zip(indices, levelGradient.buffer) { total[index] += derivative }
    }
    return values
  }

  private func evaluate(
    _ inputs: [InputView], _ gradients: [GradientView<S>], _ vectors: [InputView], _ weight: S
  ) throws(LossError) -> Tensor<S> {
    let upstream = (request.upstream.map(Array.init) ?? [1]).map { $0 * weight }
    do throws(LossError) {
      return try upstream.withUnsafeBufferPointer { (upstream) throws(LossError) in
        try part.evaluate(
          inputs, gradients, vectors: vectors, upstream: upstream, in: request
        ).map { $0 * weight }
      }
    } catch {
      var error = error
      if error.subject == leading.name { error.subject = level.role.name }
      throw error
    }
  }

  private func gradient(_ role: Role) -> UnsafeMutableBufferPointer<S>? {
    request.gradients.first { $0.role == role }?.buffer
  }

  private func vector(_ role: Role) -> InputView? {
    request.vectors.first { $0.role == role }
  }

  private func view(_ role: Role, _ shape: Shape, _ input: InputView) -> InputView {
    InputView(role: role, shape: shape, element: input.element, pointer: input.pointer)
  }

  private func isWeightOrMask(_ role: Role) -> Bool { role == .weight || role == .mask }

  /// The shape of an input at the resolution of the level: the extents of the prediction along
  /// spatial axes, its own extents along the other axes. An input without spatial axes keeps its
  /// shape.
  private func resized(_ input: InputView) throws(LossError) -> Shape {
    guard hasSpatialAxes(input.role) else { return input.shape }
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

  /// Whether the prediction has a class axis.
  private var hasClasses: Bool {
    let axes = signature.inputs.first?.encodings.first?.axes.axes ?? []
    return axes.contains(.named(signature.classAxis ?? "class")) || request.classAxis != nil
  }

  /// Whether an input has the spatial axes of the prediction; a weight of regions does not.
  private func hasSpatialAxes(_ role: Role) -> Bool {
    let covers = role == .mask && signature.maskCovers == .elements
    return !isWeightOrMask(role) || covers || signature.terms.axes.contains(.ellipsis)
  }
}

extension Shape {
  /// The element of this shape for each element of another shape of the same rank, by
  /// nearest-neighbour sampling: along an axis with n and m elements, element j takes element
  /// `⌊(2 j + 1) n / (2 m)⌋`. All extents of this shape are positive.
  func nearest(to shape: Shape) -> [Int] {
    if shape.count == 0 { return [] }
    return zip(extents, shape.extents).reduce([0]) { offsets, axis in
      let (extent, sampledExtent) = axis
      let indices = (0..<sampledExtent).map { (2 * $0 + 1) * extent / (2 * sampledExtent) }
      return offsets.flatMap { start in indices.map { start * extent + $0 } }
    }
  }
}

extension InputView {
  /// A copy of the elements at some indices, which the caller frees.
  fileprivate func gathering(_ indices: [Int]) -> UnsafeMutableRawPointer {
    switch element {
    case .float32: gathering(indices, Float.self)
    case .float64: gathering(indices, Double.self)
    case .int64: gathering(indices, Int.self)
    case .bool, .int8, .uint8: gathering(indices, UInt8.self)
    case .float16, .bfloat16, .int16, .uint16: gathering(indices, UInt16.self)
    case .int32, .uint32: gathering(indices, UInt32.self)
    }
  }

  private func gathering<T>(_ indices: [Int], _ type: T.Type) -> UnsafeMutableRawPointer {
    let copy = UnsafeMutablePointer<T>.allocate(capacity: Swift.max(1, indices.count))
    if let source = pointer?.assumingMemoryBound(to: T.self) {
      for (element, index) in indices.enumerated() {
        (copy + element).initialize(to: source[index])
      }
    }
    return UnsafeMutableRawPointer(copy)
  }
}
