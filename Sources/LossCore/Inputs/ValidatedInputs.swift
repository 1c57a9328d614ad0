/// The inputs of a call, checked against a signature, as memory in its order.
///
/// The only place where shapes and kinds of inputs are compared.
@usableFromInline struct ValidatedInputs<S: LossScalar> {
  let call: EvaluationRequest<S>
  let signature: LossSignature
  /// The inputs in the order of the signature; nil for one that was left out.
  let inputs: UnsafeMutableBufferPointer<KernelInput<S>?>
  /// Where the gradients go, in the order of the signature; nil for one that is not wanted.
  let gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>
  var binding: AxisBinding
  var leading: Shape = .scalar
  /// Whether the call has nothing but inputs of the signature: no weight, and no mask.
  private(set) var isPlain = false
  /// Memory that this call had to make: inputs of another element, and stand-ins for empty ones.
  private var owned: [UnsafeMutableRawPointer] = []

  /// Calls a function with the inputs of a call, not validated yet.
  @inline(__always)
  static func with<Result>(
    _ call: EvaluationRequest<S>, _ signature: LossSignature,
    _ body: (inout ValidatedInputs<S>) throws(LossError) -> Result
  ) throws(LossError) -> Result {
    let count = signature.inputs.count
    return try withUnsafeTemporaryAllocation(of: KernelInput<S>?.self, capacity: count) {
      (inputs) throws(LossError) in
      try withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<S>?.self, capacity: count) {
        (gradients) throws(LossError) in
        inputs.initialize(repeating: nil)
        gradients.initialize(repeating: nil)
        var validated = ValidatedInputs(
          call: call, signature: signature, inputs: inputs, gradients: gradients,
          binding: AxisBinding(signature))
        defer { validated.release() }
        return try body(&validated)
      }
    }
  }

  private init(
    call: EvaluationRequest<S>, signature: LossSignature,
    inputs: UnsafeMutableBufferPointer<KernelInput<S>?>,
    gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>, binding: AxisBinding
  ) {
    self.call = call
    self.signature = signature
    self.inputs = inputs
    self.gradients = gradients
    self.binding = binding
  }

  mutating func own<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    owned.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  private func release() {
    for pointer in owned { pointer.deallocate() }
    inputs.deinitialize()
  }

  /// The number of terms.
  var termCount: Int { binding.count(of: signature.termCodes) }
  /// The shape of the terms.
  var termShape: Shape { binding.shape(of: signature.termCodes) }
  /// The number of classes; nil if the loss has no class axis.
  var classCount: Int? {
    signature.classAxis == nil ? nil : binding.rows(of: leading).length
  }
}

extension ValidatedInputs {
  /// Checks the inputs and the wanted gradients against the signature.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func validate() throws(LossError) {
    var found = 0
    for index in signature.inputs.indices {
      guard let view = call.input(signature.inputs[index].role) else {
        if signature.inputs[index].isOptional { continue }
        throw LossError(
          .missingInput, subject: signature.inputs[index].role.name, found: "is missing",
          expected: "the inputs " + signature.inputs.map(\.role.name).joined(separator: ", "))
      }
      found += 1
      let form = try fit(view, to: index)
      if index == 0 { leading = view.shape }
      let kind = signature.inputs[index].encodings[form].kind
      inputs[index] = try kernelInput(view, kind)
      if let name = signature.classAxis, view.shape.count == 0, binding.extent(code: 0) == 0,
        binding.count(of: signature.termCodes) > 0
      {
        throw LossError(
          .emptyInput, subject: view.role.name, found: "has shape \(view.shape)",
          expected: "at least one \(name)")
      }
    }
    isPlain = found == call.inputs.count
    if !isPlain { try refuseUnknownInputs() }
    try bindGradients()
  }

  private func refuseUnknownInputs() throws(LossError) {
    for index in call.inputs.indices {
      let role = call.inputs[index].role
      if role == .weight || role == .mask || signature.inputs.contains(where: { $0.role == role }) {
        continue
      }
      let known = signature.inputs.map(\.role.name) + [Role.weight.name, Role.mask.name]
      throw LossError(
        .unknownInput, subject: role.name, found: "is not an input of this loss",
        expected: known.joined(separator: ", "),
        hint: NearestName.hint(for: role.name, among: known))
    }
  }

  private mutating func bindGradients() throws(LossError) {
    for gradient in call.gradients {
      guard let position = signature.inputs.firstIndex(where: { $0.role == gradient.role }),
        signature.inputs[position].isDifferentiable,
        let input = inputs[position], input.isReal
      else {
        let differentiable = signature.inputs.filter(\.isDifferentiable)
        throw LossError(
          .unknownInput, subject: gradient.role.name, found: "has no gradient",
          expected: differentiable.map(\.role.name).joined(separator: ", "))
      }
      guard gradient.buffer.count == input.count else {
        throw LossError(
          .shapeMismatch, subject: gradient.role.name,
          found: "has room for a gradient of \(gradient.buffer.count) elements",
          expected: "\(input.count), the number of its elements")
      }
      gradients[position] = gradient.buffer.baseAddress ?? own(S.self, count: 1)
    }
  }

  /// The place of the form in which an input is given.
  private mutating func fit(_ view: InputView, to index: Int) throws(LossError) -> Int {
    var mismatch: AxisBinding.AxisMismatch?
    let codes = signature.inputCodes[index]
    // An empty list has no elements of a wrong kind.
    let isInteger = view.element == .int64 || view.shape.count == 0
    for form in codes.indices {
      let isOfKind = isInteger || signature.inputs[index].encodings[form].kind == .real
      do {
        if isOfKind {
          try binding.bind(view.shape, to: codes[form], classAxis: call.classAxis ?? -1)
          return form
        }
        var trial = binding
        try trial.bind(view.shape, to: codes[form], classAxis: call.classAxis ?? -1)
      } catch {
        if mismatch == nil || error == .extent { mismatch = error }
        continue
      }
      throw typeError(view, index)
    }
    throw shapeError(view, index, mismatch ?? .extent)
  }

  private func typeError(_ view: InputView, _ index: Int) -> LossError {
    LossError(
      .invalidType, subject: view.role.name,
      found: "holds \(view.element.rawValue) in shape \(view.shape)",
      expected: describe(index))
  }

  /// The ways in which an input can be given, with the extents that are known by now.
  private func describe(_ index: Int) -> String {
    zip(signature.inputs[index].encodings, signature.inputCodes[index])
      .map { describe($0, $1) }.joined(separator: ", or ")
  }

  private func describe(_ form: InputSpecification.Encoding, _ codes: AxisCodes) -> String {
    let extents = binding.extents(of: codes)
    let known = extents.compactMap { $0 }
    let shape =
      known.count == extents.count && !known.isEmpty
      ? known.description : known.isEmpty && form.axes.axes.isEmpty ? "[]" : "\(form.axes)"
    return switch form.kind {
    case .real: shape
    case .classIndex, .label: "whole numbers (i64) of shape \(shape), the indices of classes"
    case .length: "whole numbers (i64) of shape \(shape), lengths"
    case .group: "whole numbers (i64) of shape \(shape), the same where elements belong together"
    }
  }

  private func shapeError(
    _ view: InputView, _ index: Int, _ mismatch: AxisBinding.AxisMismatch
  ) -> LossError {
    let isLeading = index == 0
    let encodings = signature.inputs[index].encodings
    switch mismatch {
    case .noSuchClassAxis where view.shape.rank > 0:
      let rank = view.shape.rank
      return LossError(
        .invalidOption, subject: "class_axis", found: "is \(call.classAxis ?? -1)",
        expected: "an axis of \(view.role) (shape \(view.shape)), from \(-rank) to \(rank - 1)")
    case .rank, .noSuchClassAxis:
      if isLeading {
        return LossError(
          .invalidRank, subject: view.role.name, found: "has shape \(view.shape)",
          expected: "the axes \(encodings[0].axes)")
      }
      fallthrough
    case .extent:
      let leading = signature.inputs.first?.role.name ?? ""
      let isSame =
        encodings.count == 1 && encodings[0].axes == signature.inputs.first?.encodings.first?.axes
      return LossError(
        .shapeMismatch, subject: view.role.name, found: "has shape \(view.shape)",
        expected: describe(index)
          + (isLeading ? "" : isSame ? ", the shape of \(leading)" : ", to fit \(leading)"))
    }
  }

  private mutating func kernelInput(
    _ view: InputView, _ kind: InputSpecification.Kind
  ) throws(LossError) -> KernelInput<S> {
    let count = view.shape.count
    guard case .real = kind else {
      let integers =
        view.pointer?.assumingMemoryBound(to: Int.self)
        ?? UnsafePointer(own(Int.self, count: 1))
      if case .length(let axis) = kind, let limit = binding.extent(axis, signature) {
        for index in 0..<count where integers[index] < 0 || integers[index] > limit {
          throw LossError(
            .invalidValue, subject: view.role.name,
            found: "is \(integers[index])\(at(index, view.shape))",
            expected: "a length from 0 to \(limit), the extent of the \(axis) axis")
        }
      }
      return KernelInput(real: nil, integers: integers, shape: view.shape)
    }
    return KernelInput(real: reals(view), integers: nil, shape: view.shape)
  }

  /// The elements as numbers of this computation: in place if they are, otherwise converted.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func reals(_ view: InputView) -> UnsafePointer<S> {
    let count = view.shape.count
    guard let pointer = view.pointer, count > 0 else {
      return UnsafePointer(own(S.self, count: 1))
    }
    if view.element.isElement(S.self) { return pointer.assumingMemoryBound(to: S.self) }
    let converted = own(S.self, count: count)
    switch view.element {
    case .float32:
      let source = pointer.assumingMemoryBound(to: Float.self)
      for index in 0..<count { converted[index] = S(source[index]) }
    case .float64:
      let source = pointer.assumingMemoryBound(to: Double.self)
      for index in 0..<count { converted[index] = S(source[index]) }
    case .int64:
      let source = pointer.assumingMemoryBound(to: Int.self)
      for index in 0..<count { converted[index] = S(source[index]) }
    case .bool:
      let source = pointer.assumingMemoryBound(to: Bool.self)
      for index in 0..<count { converted[index] = source[index] ? 1 : 0 }
    }
    return UnsafePointer(converted)
  }
}

extension AxisBinding {
  /// The extent of a named axis, or nil if no input had it.
  func extent(_ name: String, _ signature: LossSignature) -> Int? {
    signature.axisNames.firstIndex(of: name).flatMap { extent(code: $0) }
  }
}

extension ElementType {
  func isElement<S: LossScalar>(_ type: S.Type) -> Bool {
    (self == .float32 && S.self == Float.self) || (self == .float64 && S.self == Double.self)
  }
}

/// " at [2, 0]": the place of an element, nothing for a single number.
func at(_ index: Int, _ shape: Shape) -> String {
  guard shape.rank > 0 else { return "" }
  var rest = index
  var position: [Int] = []
  for extent in shape.extents.reversed() {
    position.append(rest % max(1, extent))
    rest /= max(1, extent)
  }
  return " at \(Array(position.reversed()))"
}
