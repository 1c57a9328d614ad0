/// The inputs of a request, validated against a signature and in its order.
///
/// Shapes and kinds of inputs are compared only here.
@usableFromInline struct ValidatedInputs<S: LossScalar> {
  let request: EvaluationRequest<S>
  let signature: LossSignature
  /// The inputs in the order of the signature; nil for one that is missing.
  let inputs: UnsafeMutableBufferPointer<KernelInput<S>?>
  /// The memory for the gradients in the order of the signature; nil for one that is not requested.
  let gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>
  var binding: AxisBinding
  var leading: Shape = .scalar
  /// Whether the request has only the inputs of the signature: no weight and no mask.
  private(set) var isPlain = false
  /// The gradients that are written in another element type, or with strides, after they have been
  /// computed; empty if there are none.
  private(set) var storedGradients: [StoredGradient?] = []
  /// Whether some input is converted part by part.
  private var hasStoredInput = false
  /// Memory to free: inputs converted from another element type, and placeholders for empty inputs.
  private var allocations: [UnsafeMutableRawPointer] = []

  /// Calls a function with the inputs of a request, which are not validated yet.
  @inline(__always)
  static func with<Result>(
    _ request: EvaluationRequest<S>, _ signature: LossSignature,
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
          request: request, signature: signature, inputs: inputs, gradients: gradients,
          binding: AxisBinding(signature))
        defer { validated.release() }
        return try body(&validated)
      }
    }
  }

  private init(
    request: EvaluationRequest<S>, signature: LossSignature,
    inputs: UnsafeMutableBufferPointer<KernelInput<S>?>,
    gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>, binding: AxisBinding
  ) {
    self.request = request
    self.signature = signature
    self.inputs = inputs
    self.gradients = gradients
    self.binding = binding
  }

  mutating func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    allocations.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  private func release() {
    for pointer in allocations { pointer.deallocate() }
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
  /// Checks the inputs and the requested gradients against the signature.
  ///
  /// - Parameter layout: the part of the inputs that a term depends on, if large inputs of another
  ///   element type or with strides may stay as they are; nil to convert them.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func validate(layout: TermLayout? = nil) throws(LossError) {
    var presentCount = 0
    for index in signature.inputs.indices {
      guard let view = request.input(signature.inputs[index].role) else {
        if signature.inputs[index].isOptional { continue }
        throw LossError(
          .missingInput, subject: signature.inputs[index].role.name, found: "is missing",
          expected: "the inputs " + signature.inputs.map(\.role.name).joined(separator: ", "))
      }
      presentCount += 1
      let encoding = try bindEncoding(view, to: index)
      if index == 0 { leading = view.shape }
      try view.checkStrides(isWeight: false)
      let kind = signature.inputs[index].encodings[encoding].kind
      inputs[index] = try kernelInput(
        view, kind, staysStored: layout != nil && staysStored(view, index))
      if let name = signature.classAxis, view.shape.count == 0, binding.extent(code: 0) == 0,
        binding.count(of: signature.termCodes) > 0
      {
        throw LossError(
          .emptyInput, subject: view.role.name, found: "has shape \(view.shape)",
          expected: "at least one \(name)")
      }
    }
    if let axis = request.classAxis, signature.classAxis == nil {
      throw LossError(
        .invalidOption, subject: "class_axis", found: "is \(axis)",
        expected: "none: the loss has no class axis")
    }
    try checkEmptyInputs()
    isPlain = presentCount == request.inputs.count
    if !isPlain { try refuseUnknownInputs() }
    try bindGradients()
  }

  /// Refuses empty inputs whose other extents no memory bounds: a loss may have terms or a workspace
  /// of that size all the same.
  private func checkEmptyInputs() throws(LossError) {
    for index in request.inputs.indices where request.inputs[index].shape.count == 0 {
      let (role, shape) = (request.inputs[index].role, request.inputs[index].shape)
      guard shape.extents.reduce(1, { $0 * max(1, $1) }) <= 1 << 28, termCount <= 1 << 24 else {
        throw LossError(
          .shapeMismatch, subject: role.name, found: "has shape \(shape)",
          expected: "extents beside 0 of at most \(1 << 28) in all, and at most \(1 << 24) terms")
      }
    }
  }

  private func refuseUnknownInputs() throws(LossError) {
    for index in request.inputs.indices {
      let role = request.inputs[index].role
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
    for gradient in request.gradients {
      guard let position = signature.inputs.firstIndex(where: { $0.role == gradient.role }),
        signature.inputs[position].isDifferentiable,
        let input = inputs[position], input.isReal
      else {
        throw gradientError(gradient.role)
      }
      if let stored = gradient.stored {
        try bind(stored, of: gradient.role, to: position, input)
        continue
      }
      guard gradient.buffer.count == input.count else {
        throw LossError(
          .shapeMismatch, subject: gradient.role.name,
          found: "has a gradient buffer of \(gradient.buffer.count) elements",
          expected: "\(input.count), the number of its elements")
      }
      gradients[position] = gradient.buffer.baseAddress ?? allocate(S.self, count: 1)
    }
  }

  /// Binds the memory of a gradient in another element type, or with strides.
  private mutating func bind(
    _ gradient: StoredGradient, of role: Role, to position: Int, _ input: KernelInput<S>
  ) throws(LossError) {
    guard gradient.shape == input.shape else {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has a gradient of shape \(gradient.shape)",
        expected: "\(input.shape), its own shape")
    }
    guard gradient.element.isReal else {
      throw LossError(
        .invalidType, subject: role.name,
        found: "has a gradient of type \(gradient.element.rawValue)",
        expected: "a floating-point type")
    }
    try InputView(
      role: role, shape: gradient.shape, element: gradient.element,
      pointer: UnsafeRawPointer(gradient.pointer), strides: gradient.strides
    ).checkStrides(isWeight: false)
    let elements = StoredElements(gradient)
    if let pointer = gradient.pointer, elements.isDirect(S.self) {
      gradients[position] = pointer.assumingMemoryBound(to: S.self)
      return
    }
    if storedGradients.isEmpty {
      storedGradients = Array(repeating: nil, count: signature.inputs.count)
    }
    storedGradients[position] = gradient
  }

  /// The error for a gradient that an input does not have.
  private func gradientError(_ role: Role) -> LossError {
    let position = signature.inputs.firstIndex { $0.role == role && $0.isDifferentiable }
    let names = signature.inputs.map(\.role.name)
    let isInput = names.contains(role.name) || role == .weight || role == .mask
    let found =
      position.map {
        inputs[$0] == nil
          ? "is not given, so it has no gradient" : "holds class indices, which have no gradient"
      } ?? (isInput ? "has no gradient" : "is not an input of this loss")
    let others = signature.inputs.indices.filter { index in
      signature.inputs[index].isDifferentiable && inputs[index]?.isReal == true
    }
    return LossError(
      .unknownInput, subject: role.name, found: found,
      expected: others.isEmpty
        ? "only the value" : others.map { names[$0] }.joined(separator: ", "),
      hint: isInput ? "" : NearestName.hint(for: role.name, among: names))
  }

  /// Binds the axes of an input, and returns the index of the encoding that it matches.
  private mutating func bindEncoding(_ view: InputView, to index: Int) throws(LossError) -> Int {
    var mismatch: AxisBinding.AxisMismatch?
    let codes = signature.inputCodes[index]
    // An empty input matches every element type.
    let isInteger = view.element.isInteger || view.shape.count == 0
    for encoding in codes.indices {
      let isOfKind = isInteger || signature.inputs[index].encodings[encoding].kind == .real
      do {
        if isOfKind {
          try binding.bind(view.shape, to: codes[encoding], classAxis: request.classAxis ?? -1)
        } else {
          var trial = binding
          try trial.bind(view.shape, to: codes[encoding], classAxis: request.classAxis ?? -1)
        }
      } catch {
        if mismatch == nil || error == .extent { mismatch = error }
        continue
      }
      try refuseIndicesOfOneClass(view, index, encoding)
      guard isOfKind else { throw typeError(view, index) }
      return encoding
    }
    throw shapeError(view, index, mismatch ?? .extent)
  }

  /// Refuses class indices of a region with one class: a mask of 0 and 1 without the class axis, whose
  /// 0 would be the index of the foreground.
  private func refuseIndicesOfOneClass(
    _ view: InputView, _ index: Int, _ encoding: Int
  ) throws(LossError) {
    let encodings = signature.inputs[index].encodings
    guard signature.maskCovers == .elements, case .classIndex = encodings[encoding].kind,
      encodings.count > 1, binding.extent(code: 0) == 1
    else { return }
    throw LossError(
      .shapeMismatch, subject: view.role.name,
      found: "has shape \(view.shape), that of class indices",
      expected: "\(leading), since the prediction has one class",
      hint: view.shape.reshapingHint(to: leading))
  }

  private func typeError(_ view: InputView, _ index: Int) -> LossError {
    LossError(
      .invalidType, subject: view.role.name,
      found: "has type \(view.element.rawValue) and shape \(view.shape)",
      expected: describe(index))
  }

  /// The accepted encodings of an input, with the extents that are bound so far.
  private func describe(_ index: Int) -> String {
    zip(signature.inputs[index].encodings, signature.inputCodes[index])
      .map { describe($0, $1) }.joined(separator: ", or ")
  }

  private func describe(_ encoding: InputSpecification.Encoding, _ codes: AxisCodes) -> String {
    let shape = binding.text(of: codes, signature) ?? "\(encoding.axes)"
    return switch encoding.kind {
    case .real: shape
    case .classIndex, .label: "class indices (i64) of shape \(shape)"
    case .length: "lengths (i64) of shape \(shape)"
    case .group: "group indices (i64) of shape \(shape)"
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
        .invalidOption, subject: "class_axis", found: "is \(request.classAxis ?? -1)",
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
          + (isLeading ? "" : isSame ? ", the shape of \(leading)" : ", to match \(leading)"),
        hint: shapeHint(view, index))
    }
  }

  private mutating func kernelInput(
    _ view: InputView, _ kind: InputSpecification.Kind, staysStored: Bool
  ) throws(LossError) -> KernelInput<S> {
    let count = view.shape.count
    guard case .real = kind else {
      let integers = integers(view)
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
    if staysStored {
      hasStoredInput = true
      return KernelInput(real: nil, integers: nil, shape: view.shape, isStored: true)
    }
    return KernelInput(real: reals(view), integers: nil, shape: view.shape)
  }

  /// Whether an input is large, and not in the scalar type of the computation: it may be converted
  /// part by part. Whole numbers where classes are expected are checked before.
  private func staysStored(_ view: InputView, _ index: Int) -> Bool {
    guard view.shape.count >= 1 << 13, view.pointer != nil,
      !(view.strides == nil && view.element.isElement(S.self))
    else { return false }
    if view.element.isInteger, case .classIndex? = signature.inputs[index].encodings.first?.kind {
      return false
    }
    return !StoredElements(view).isDirect(S.self)
  }

  /// The parts in which stored inputs and gradients are converted; nil if there are none. Inputs
  /// that cannot be converted in parts are converted now.
  ///
  /// - Parameter convertsAllButFirst: whether the terms have weights that are computed from the
  ///   other inputs.
  mutating func parts(_ layout: TermLayout?, convertsAllButFirst: Bool) -> TermParts? {
    guard hasStoredInput || !storedGradients.isEmpty else { return nil }
    let parts = layout.flatMap { TermParts(self, $0) }
    guard hasStoredInput, parts == nil || convertsAllButFirst else { return parts }
    for index in inputs.indices where parts == nil || index > 0 { convert(index) }
    return parts
  }

  /// Converts a stored input.
  mutating func convert(_ index: Int) {
    guard let input = inputs[index], input.isStored,
      let view = request.input(signature.inputs[index].role)
    else { return }
    inputs[index] = KernelInput(real: reals(view), integers: nil, shape: view.shape)
  }

  /// Converts all stored inputs.
  mutating func convertAll() {
    for index in inputs.indices { convert(index) }
  }

  /// The stored inputs and gradients, for a computation in parts.
  func storedMemory() -> StoredMemory<S> {
    var memory = StoredMemory<S>(
      inputs: Array(repeating: nil, count: inputs.count),
      gradients: Array(repeating: nil, count: inputs.count),
      domains: Array(repeating: nil, count: inputs.count))
    for index in inputs.indices {
      let specification = signature.inputs[index]
      if let input = inputs[index], input.isStored, let view = request.input(specification.role),
        let pointer = view.pointer
      {
        memory.inputs[index] = (StoredElements(view), pointer)
        let isChecked =
          hasDomains && !(request.domainChecks == .data && specification.isModelOutput(at: index))
        memory.domains[index] = isChecked ? specification : nil
      }
      if !storedGradients.isEmpty, let gradient = storedGradients[index],
        let pointer = gradient.pointer
      {
        memory.gradients[index] = (StoredElements(gradient), pointer)
      }
    }
    return memory
  }

  /// Gives stored gradients memory in the scalar type of the computation.
  mutating func allocateGradients() {
    for index in storedGradients.indices {
      guard let gradient = storedGradients[index] else { continue }
      gradients[index] = allocate(S.self, count: gradient.shape.count)
    }
  }

  /// Writes the gradients that were computed in that memory.
  func writeGradients() {
    for index in storedGradients.indices {
      guard let gradient = storedGradients[index], let pointer = gradient.pointer,
        let numbers = gradients[index]
      else { continue }
      StoredElements(gradient).write(
        UnsafePointer(numbers), to: pointer, 0..<gradient.shape.count)
    }
  }

  /// The whole numbers: in place if they have 64 bits, otherwise converted.
  mutating func integers(_ view: InputView) -> UnsafePointer<Int> {
    guard let pointer = view.pointer, view.shape.count > 0 else {
      return UnsafePointer(allocate(Int.self, count: 1))
    }
    let elements = StoredElements(view)
    if elements.layout == nil, view.element == .int64 {
      return pointer.assumingMemoryBound(to: Int.self)
    }
    let converted = allocate(Int.self, count: view.shape.count)
    elements.readIntegers(0..<view.shape.count, from: pointer, into: converted)
    return UnsafePointer(converted)
  }

  /// The elements in the scalar type of this computation: in place if they have it, otherwise
  /// converted.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func reals(_ view: InputView) -> UnsafePointer<S> {
    let count = view.shape.count
    guard let pointer = view.pointer, count > 0 else {
      return UnsafePointer(allocate(S.self, count: 1))
    }
    if view.strides == nil, view.element.isElement(S.self) {
      return pointer.assumingMemoryBound(to: S.self)
    }
    let elements = StoredElements(view)
    if elements.isDirect(S.self) { return pointer.assumingMemoryBound(to: S.self) }
    let converted = allocate(S.self, count: count)
    elements.read(0..<count, from: pointer, into: converted)
    return UnsafePointer(converted)
  }
}

extension InputView {
  /// Checks that there is a stride for each axis, and that only a weight or a mask repeats elements.
  func checkStrides(isWeight: Bool) throws(LossError) {
    guard let strides else { return }
    guard strides.count == shape.rank else {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has \(strides.count) strides",
        expected: "\(shape.rank), one for each axis of shape \(shape)")
    }
    guard !isWeight else { return }
    for (axis, extent) in shape.extents.enumerated() where extent > 1 && strides[axis] == 0 {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has stride 0 along axis \(axis)",
        expected: "elements of its own for each of its \(extent) positions",
        hint: "Only a weight or a mask repeats its elements.")
    }
  }
}

extension StoredElements {
  init(_ gradient: StoredGradient) {
    self.init(gradient.element, gradient.shape, strides: gradient.strides)
  }
}

extension AxisBinding {
  /// The extents of a pattern as text, with the names of axes that are not bound; nil if `...` is not.
  func text(of pattern: AxisCodes, _ signature: LossSignature) -> String? {
    guard !pattern.hasEllipsis || hasEllipsis else { return nil }
    var names = pattern.codes.filter { $0 >= 0 && extent(code: $0) == nil }
      .map { signature.axisNames[AxisCodes.name($0)] }[...]
    let texts = extents(of: pattern).map { $0.map(String.init) ?? names.popFirst() ?? "" }
    return "[" + texts.joined(separator: ", ") + "]"
  }

  /// The extent of a named axis; nil if it is not bound.
  func extent(_ name: String, _ signature: LossSignature) -> Int? {
    signature.axisNames.firstIndex(of: name).flatMap { extent(code: $0) }
  }
}

extension ElementType {
  func isElement<S: LossScalar>(_ type: S.Type) -> Bool {
    (self == .float32 && S.self == Float.self) || (self == .float64 && S.self == Double.self)
  }
}

/// The index of an element as text, " at [2, 0]"; empty for a scalar.
func at(_ index: Int, _ shape: Shape) -> String {
  guard shape.rank > 0 else { return "" }
  var remaining = index
  var indices: [Int] = []
  for extent in shape.extents.reversed() {
    indices.append(remaining % max(1, extent))
    remaining /= max(1, extent)
  }
  return " at \(Array(indices.reversed()))"
}
