internal import CLosses
internal import ClassificationLosses
internal import LossCore
internal import LossPluginABI

/// A call of losses.h, read and checked.
struct LibraryCall {
  private let loss: ConfiguredLoss
  private let call: losses_call_v1
  private let copies = CopyMemory()
  private let views: [InputView]
  private let reduction: Reduction?
  private let checks: DomainChecks?
  private let group: CallbackGroup?

  /// Makes a call and writes its results. What is wrong with it on one process of a group is an error
  /// on all, so that none waits for the others.
  static func run(
    _ made: MadeLoss, _ pointer: UnsafePointer<losses_call_v1>?,
    into value: UnsafeMutablePointer<losses_value_v1>?
  ) throws(LossError) {
    guard let pointer else { throw .argument("call", "is null") }
    let call = try losses_call_v1(copying: pointer)
    let group = try call.group.map { (group) throws(LossError) in
      try CallbackGroup(group.pointee)
    }
    do throws(LossError) {
      try LibraryCall(made, call, group).run(into: value)
    } catch {
      if let group, !group.hasExchanged {
        _ = try group.exchange { () throws(LossError) in throw error }
      }
      throw error
    }
  }

  private init(
    _ made: MadeLoss, _ call: losses_call_v1, _ group: CallbackGroup?
  ) throws(LossError) {
    loss = made.loss
    self.call = call
    self.group = group
    reduction = try call.reduction.map { (text) throws(LossError) in
      try Reduction(text: String(cString: text))
    }
    switch call.checks {
    case LOSSES_CHECK_DEFAULT: checks = nil
    case LOSSES_CHECK_ALL: checks = .all
    case LOSSES_CHECK_DATA: checks = .data
    case LOSSES_CHECK_NONE: checks = DomainChecks.none
    default: throw .argument("checks", "is \(call.checks)")
    }
    let tensors = try buffer(call.inputs, call.input_count, "inputs")
    var views: [InputView] = []
    views.reserveCapacity(tensors.count)
    for index in tensors.indices {
      let role = try Self.role(of: tensors[index], at: index, in: made.arguments)
      let ours = made.loss.translated(role)
      guard !views.contains(where: { made.loss.translated($0.role) == ours }) else {
        throw LossError(
          .unknownInput, subject: role.name, found: "is given twice", expected: "each input once")
      }
      views.append(
        try TensorMemory(tensors[index], subject: role.name).input(role, copies))
    }
    self.views = views
  }

  private static func role(
    of tensor: losses_tensor_v1, at index: Int, in arguments: [Role]
  ) throws(LossError) -> Role {
    if let name = tensor.name { return Role(String(cString: name)) }
    guard index < arguments.count else {
      throw LossError(
        .unknownInput, subject: "argument \(index + 1)", found: "is one too many",
        expected: arguments.map(\.name).joined(separator: ", "))
    }
    return arguments[index]
  }

  private func run(into value: UnsafeMutablePointer<losses_value_v1>?) throws(LossError) {
    guard let value else { throw .argument("value", "is null") }
    switch ElementType(code: call.element) {
    case .float32: try run(in: Float.self, into: &value.pointee)
    case .float64: try run(in: Double.self, into: &value.pointee)
    case nil where call.element == 0:
      if loss.computedElement(of: views) == .float32 {
        try run(in: Float.self, into: &value.pointee)
      } else {
        try run(in: Double.self, into: &value.pointee)
      }
    default:
      throw LossError(
        .invalidType, subject: "element", found: "is \(call.element)",
        expected: "LOSSES_FLOAT32, LOSSES_FLOAT64 or 0")
    }
  }

  private func run<S: ComputeScalar>(
    in type: S.Type, into value: inout losses_value_v1
  ) throws(LossError) {
    let gradients = try outputs(call.gradients, call.gradient_count, "gradients", type)
    let second = try outputs(
      call.second_derivatives, call.second_derivative_count, "second_derivatives", type)
    let upstream = try call.upstream.map { (tensor) throws(LossError) in
      try TensorMemory(tensor.pointee, subject: "upstream").tensor(of: type, copies)
    }
    if let group {
      guard second.isEmpty else { throw .argument("second_derivatives", "are wanted of a group") }
      let result = try evaluate(
        over: group, roles: gradients.map(\.view.role),
        upstream.map { AnyTensor($0) }, S.element)
      for (memory, view) in gradients {
        guard let gradient = result.gradients[view.role] else { continue }
        let numbers: Tensor<S> = gradient.converted(to: type)
        try memory.write(numbers.scalars)
      }
      let numbers: Tensor<S> = result.value.converted(to: type)
      return try value.write(numbers.scalars, numbers.shape)
    }
    let outcome = try loss.evaluate(
      views, gradients: gradients.map(\.view), secondDerivatives: second.map(\.view),
      upstream: upstream, reduction: reduction, classAxis: call.class_axis.map { Int($0.pointee) },
      threads: Int(call.threads), domainChecks: checks)
    withExtendedLifetime(copies) {
      for output in gradients + second { output.memory.write(output.view) }
    }
    try value.write(outcome)
  }

  /// Evaluates together with other processes.
  private func evaluate(
    over group: CallbackGroup, roles: [Role], _ upstream: AnyTensor?, _ element: ElementType
  ) throws(LossError) -> LossResult {
    var inputs = LossInputs()
    for view in views { inputs[view.role] = view.tensor }
    let classAxis = call.class_axis.map { Int($0.pointee) }
    let threads = Int(call.threads)
    guard let classes = group.classes else {
      return try loss.evaluate(
        inputs, gradientsOf: roles, reduction: reduction, classAxis: classAxis, upstream: upstream,
        in: element, threads: threads, domainChecks: checks, over: group)
    }
    guard let parallel = loss.base as? any ClassParallelLoss, loss.dialectEntry == nil else {
      throw LossError(
        .invalidValue, subject: "first_class", found: "is given",
        expected: "cross_entropy, linear_cross_entropy or z_loss, under this name")
    }
    return try parallel.evaluate(
      inputs, classes: classes, gradientsOf: roles, reduction: reduction ?? loss.defaultReduction,
      classAxis: classAxis ?? loss.classAxis, upstream: upstream, in: element, threads: threads,
      domainChecks: checks, over: group)
  }

  /// The memory for derivatives.
  private func outputs<S: ComputeScalar>(
    _ start: UnsafePointer<losses_tensor_v1>?, _ count: Int64, _ subject: String, _ type: S.Type
  ) throws(LossError) -> [(memory: TensorMemory, view: GradientView<S>)] {
    let tensors = try buffer(start, count, subject)
    var outputs: [(memory: TensorMemory, view: GradientView<S>)] = []
    for tensor in tensors {
      guard let name = tensor.name else { throw .argument(subject, "have one without a name") }
      let role = Role(String(cString: name))
      let memory = try TensorMemory(tensor, subject: "gradient of \(role)")
      try memory.checkIsOutput()
      let ours = loss.translated(role)
      guard !outputs.contains(where: { loss.translated($0.view.role) == ours }) else {
        throw LossError(
          .unknownInput, subject: role.name, found: "is given twice in \(subject)",
          expected: "each input once")
      }
      if let input = views.first(where: { loss.translated($0.role) == ours }),
        input.shape != memory.shape
      {
        throw LossError(
          .shapeMismatch, subject: memory.subject, found: "has shape \(memory.shape)",
          expected: "\(input.shape), the shape of \(role)")
      }
      outputs.append(
        (memory, try memory.output(role, of: type, copies)))
    }
    return outputs
  }
}

extension TensorMemory {
  /// - Throws: `LossError` for an element type that no number is rounded to, and for elements that
  ///   share memory along an axis.
  func checkIsOutput() throws(LossError) {
    guard element.isReal else {
      throw LossError(
        .invalidType, subject: subject, found: "has type \(element.rawValue)",
        expected: "a floating-point type")
    }
    if isRepeated {
      throw .argument(subject, "has stride 0, so that elements share memory")
    }
  }
}

/// The elements of an array argument.
private func buffer<Element>(
  _ start: UnsafePointer<Element>?, _ count: Int64, _ subject: String
) throws(LossError) -> UnsafeBufferPointer<Element> {
  guard count >= 0, count == 0 || start != nil, count < 1 << 16 else {
    throw .argument(subject, start == nil ? "are null" : "have the count \(count)")
  }
  return UnsafeBufferPointer(start: start, count: Int(count))
}

extension losses_call_v1 {
  /// The size of the first version of the structure, which ended before `group`.
  private static let smallestSize = Int64(
    MemoryLayout<Self>.offset(of: \.group) ?? MemoryLayout<Self>.size)

  /// A call of a program that may have been compiled with an earlier header, which has fewer fields.
  fileprivate init(copying pointer: UnsafePointer<Self>) throws(LossError) {
    let size = UnsafeRawPointer(pointer).load(as: Int64.self)
    guard size >= Self.smallestSize else { throw .argument("size of the call", "is \(size)") }
    self = withUnsafeTemporaryAllocation(of: Self.self, capacity: 1) { memory in
      memory.initialize(repeating: Self())
      UnsafeMutableRawBufferPointer(memory).copyMemory(
        from: UnsafeRawBufferPointer(
          start: pointer, count: min(Int(size), MemoryLayout<Self>.size)))
      return memory[0]
    }
  }
}

extension losses_value_v1 {
  /// Writes the result of an evaluation.
  mutating func write<S: ComputeScalar>(_ outcome: LossOutcome<S>) throws(LossError) {
    try write(outcome.values ?? [outcome.value], outcome.shape)
  }

  /// Writes numbers of the computation in a shape.
  mutating func write<S: ComputeScalar>(
    _ numbers: [S], _ shape: Shape
  ) throws(LossError) {
    if element == 0 { element = S.element.code }
    rank = Int32(clamping: shape.rank)
    count = Int64(shape.count)
    guard shape.count <= capacity, shape.rank <= max(0, extents_capacity) else {
      throw LossError(
        .shapeMismatch, subject: "value", found: "has shape \(shape)",
        expected: "at most \(capacity) elements and \(extents_capacity) axes, the capacity")
    }
    if shape.rank > 0 {
      guard let extents else { throw .argument("extents of the value", "are null") }
      for (axis, extent) in shape.extents.enumerated() { extents[axis] = Int64(extent) }
    }
    var tensor = losses_tensor_v1()
    tensor.element = element
    tensor.data = data
    try withUnsafePointer(to: Int64(shape.count)) { (count) throws(LossError) in
      tensor.rank = 1
      tensor.extents = count
      let memory = try TensorMemory(tensor, subject: "value")
      try memory.checkIsOutput()
      try memory.write(numbers)
    }
  }
}
