/// What a typed call asks for beside its inputs.
public struct CallSettings<S: LossScalar> {
  @usableFromInline var reduction: Reduction
  @usableFromInline var classAxis: Int?
  @usableFromInline let threads: Int
  @usableFromInline let upstream: S?
  @usableFromInline let order: DerivativeOrder
  @usableFromInline var domainChecks: DomainChecks?

  @inlinable
  init(
    _ reduction: Reduction, _ classAxis: Int?, _ threads: Int, _ upstream: S? = nil,
    order: DerivativeOrder = .first
  ) {
    self.reduction = reduction
    self.classAxis = classAxis
    self.threads = threads
    self.upstream = upstream
    self.order = order
  }
}

/// One input of a typed call, which has no role yet.
public struct TypedInput {
  @usableFromInline let shape: Shape
  @usableFromInline let element: ElementType
  @usableFromInline let pointer: UnsafeRawPointer?
  @usableFromInline let strides: [Int]?

  @inlinable
  init<T: TensorScalar>(_ shape: Shape, _ pointer: UnsafePointer<T>?) {
    self.shape = shape
    element = T.element
    self.pointer = pointer.map { UnsafeRawPointer($0) }
    strides = nil
  }

  /// An input of a layout that was checked.
  @inlinable
  init<T: TensorScalar>(_ layout: StridedLayout, _ pointer: UnsafePointer<T>?) {
    shape = layout.shape
    element = T.element
    self.pointer =
      shape.count == 0 ? nil : pointer.map { UnsafeRawPointer($0 + layout.offset) }
    strides = layout.strides
  }

  func view(_ role: Role) -> InputView {
    InputView(role: role, shape: shape, element: element, pointer: pointer, strides: strides)
  }

  /// A copy of the elements.
  var tensor: AnyTensor {
    let layout = strides.flatMap { StridedRuns(shape, strides: $0) }
    if let layout, let pointer { return copied(pointer, layout) }
    func copy<T: TensorScalar>(_ type: T.Type) -> AnyTensor {
      let elements = UnsafeBufferPointer(
        start: pointer?.assumingMemoryBound(to: T.self), count: pointer == nil ? 0 : shape.count)
      return AnyTensor(Tensor(trusted: shape, Array(elements)))
    }
    return switch element {
    case .float32: copy(Float.self)
    case .float64: copy(Double.self)
    case .int64: copy(Int.self)
    case .bool: copy(Bool.self)
    default:
      .narrow(
        NarrowTensor(
          trusted: shape, element,
          Array(
            UnsafeRawBufferPointer(
              start: pointer, count: pointer == nil ? 0 : shape.count * element.size))))
    }
  }

  /// A copy of elements with strides, in row-major order.
  private func copied(_ pointer: UnsafeRawPointer, _ layout: StridedRuns) -> AnyTensor {
    let size = element.size
    var bytes: [UInt8] = []
    bytes.reserveCapacity(shape.count * size)
    layout.forEachRun(0..<shape.count) { offset, stride, count, _ in
      for index in 0..<count {
        let start = pointer + (offset + index * stride) * size
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: size))
      }
    }
    return bytes.withUnsafeBytes { bytes in
      TypedInput(shape: shape, element: element, pointer: bytes.baseAddress).tensor
    }
  }

  /// An input of memory whose strides were checked.
  init(shape: Shape, element: ElementType, pointer: UnsafeRawPointer?, strides: [Int]? = nil) {
    self.shape = shape
    self.element = element
    self.pointer = pointer
    self.strides = strides
  }
}

/// A call whose result is one number, of the first two inputs of a signature, on memory that outlives
/// it.
public struct TypedRequest<S: LossScalar> {
  @usableFromInline var settings: CallSettings<S>
  @usableFromInline let inputs: (TypedInput, TypedInput)
  @usableFromInline let weight: TypedInput?
  @usableFromInline let mask: TypedInput?
  /// The memory for the gradient, in elements of the first input.
  @usableFromInline let gradient: UnsafeMutableRawBufferPointer?
  /// Where the elements of the gradient lie in that memory; nil for row-major order without gaps.
  @usableFromInline let gradientLayout: StridedLayout?

  @inlinable
  init<P: PredictionScalar>(
    _ settings: CallSettings<S>, _ first: TypedInput, _ second: TypedInput,
    weight: TypedInput? = nil, mask: TypedInput? = nil,
    into gradient: UnsafeMutableBufferPointer<P>?, _ gradientLayout: StridedLayout? = nil
  ) where P.Compute == S {
    self.gradientLayout = gradientLayout
    self.settings = settings
    inputs = (first, second)
    self.weight = weight
    self.mask = mask
    self.gradient = gradient.map { UnsafeMutableRawBufferPointer($0) }
  }

  /// A view of the memory for the gradient.
  @inline(__always)
  private func view(_ gradient: UnsafeMutableRawBufferPointer, of role: Role) -> GradientView<S> {
    let first = inputs.0
    if let gradientLayout {
      return GradientView(role: role, stored: stored(gradient, gradientLayout))
    }
    let count = gradient.count / first.element.size
    guard first.element.isElement(S.self) else {
      return GradientView(
        role: role,
        stored: StoredGradient(
          element: first.element,
          shape: count == first.shape.count ? first.shape : Shape(count: count),
          pointer: gradient.baseAddress))
    }
    return GradientView(
      role: role,
      buffer: UnsafeMutableBufferPointer(
        start: gradient.baseAddress?.assumingMemoryBound(to: S.self), count: count))
  }

  private func stored(
    _ gradient: UnsafeMutableRawBufferPointer, _ layout: StridedLayout
  ) -> StoredGradient {
    let element = inputs.0.element
    return StoredGradient(
      element: element, shape: layout.shape,
      pointer: layout.shape.count == 0
        ? nil : gradient.baseAddress.map { $0 + layout.offset * element.size },
      strides: layout.strides)
  }

  /// The value of a loss; inlined into the function of each element.
  @inline(__always)
  func value(of loss: some LossProtocol) throws(LossError) -> S where S: ComputeScalar {
    let signature = loss.signature
    let roles = signature.inputs
    guard signature.isPair else { throw signature.refusalOfPair(loss.name) }
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
          wanted.initializeElement(at: 0, to: view(gradient, of: roles[0].role))
        }
        let gradients = wanted.extracting(0..<(gradient == nil ? 0 : 1))
        defer { gradients.deinitialize() }
        return try withUnsafePointer(to: settings.upstream ?? 1) { (factor) throws(LossError) in
          var request = EvaluationRequest<S>(
            UnsafeBufferPointer(inputs), gradients: UnsafeBufferPointer(gradients),
            reduction: settings.reduction, classAxis: settings.classAxis,
            threads: settings.threads, order: settings.order,
            upstream: settings.upstream.map { _ in UnsafeBufferPointer(start: factor, count: 1) })
          request.domainChecks = settings.domainChecks ?? .all
          let outcome = try S.evaluate(loss, request)
          guard outcome.values == nil else { throw Self.refusal(outcome.shape, loss.name) }
          return outcome.value
        }
      }
    }
  }

  /// The value of a loss that takes named tensors.
  func value(
    of loss: some CallableLoss, _ role: Role, _ other: Role
  ) throws(LossError) -> S where S: ComputeScalar {
    var named = LossInputs()
    named[role] = inputs.0.tensor
    named[other] = inputs.1.tensor
    named[loss.weightRole] = weight?.tensor
    named[.mask] = mask?.tensor
    let wanted = gradient == nil ? [] : [role]
    let isFirst = settings.order == .first
    let result = try loss.evaluate(
      named, gradientsOf: isFirst ? wanted : [], secondDerivativesOf: isFirst ? [] : wanted,
      reduction: settings.reduction, classAxis: settings.classAxis,
      upstream: settings.upstream.map { AnyTensor(Tensor($0)) }, in: S.element,
      threads: settings.threads, domainChecks: settings.domainChecks)
    guard result.value.shape.count == 1, result.value.shape.rank == 0 else {
      throw Self.refusal(result.value.shape, loss.name)
    }
    if let gradient {
      try view(gradient, of: role)
        .fill(from: (isFirst ? result.gradients : result.secondDerivatives)[role])
    }
    return try result.scalar()
  }

  private static func refusal(_ shape: Shape, _ loss: String) -> LossError {
    LossError(
      .invalidOption, loss: loss, subject: "reduction", found: "leaves a result of shape \(shape)",
      expected: "one that leaves one number", hint: "Use terms for the rest.")
  }
}

extension LossSignature {
  /// A call of two inputs of a loss that has one, or three and more.
  @usableFromInline
  func refusalOfPair(_ loss: String) -> LossError {
    let roles = inputs.map(\.role.name)
    let labelled = inputs.filter { !$0.isOptional }.map { "\"\($0.role)\": …" }
    return LossError(
      roles.count < 2 ? .unknownInput : .missingInput, loss: loss,
      subject: roles.count < 2 ? "target" : roles[2],
      found: roles.count < 2 ? "is given" : "is missing",
      expected: roles.count < 2 ? "only \(roles.first ?? "")" : roles.joined(separator: ", "),
      hint: "Write loss([\(labelled.joined(separator: ", "))]), or the call of its type.")
  }
}

extension TypedRequest {
  /// The same request without a check of domains.
  var unchecked: TypedRequest {
    var request = self
    request.settings.domainChecks = DomainChecks.none
    return request
  }
}
