/// The inputs of a call after validation: as memory in the order of the signature.
struct BoundInputs<S: LossScalar> {
  /// The inputs in the order of the signature; nil for one that was left out.
  let inputs: UnsafeMutableBufferPointer<PassInput<S>?>
  /// Where the gradients go, in the order of the signature; nil for one that is not wanted.
  let gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>
  var binding: AxisBinding
  var leading: Shape = .scalar
  /// Memory that this call had to make: inputs of another element, and stand-ins for empty ones.
  var owned: [UnsafeMutableRawPointer] = []

  init(
    _ signature: LossSignature, inputs: UnsafeMutableBufferPointer<PassInput<S>?>,
    gradients: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>?>
  ) {
    binding = AxisBinding(signature)
    self.inputs = inputs
    self.gradients = gradients
    inputs.initialize(repeating: nil)
    gradients.initialize(repeating: nil)
  }

  mutating func own<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    owned.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  func release() {
    for pointer in owned { pointer.deallocate() }
    inputs.deinitialize()
  }
}

extension LossCall {
  /// Checks the inputs and the wanted gradients against a signature: the only place where shapes
  /// and kinds of inputs are compared.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func bind(to signature: LossSignature, into bound: inout BoundInputs<S>) throws(LossError) {
    for index in signature.inputs.indices {
      guard let view = input(signature.inputs[index].role) else {
        if signature.inputs[index].isOptional { continue }
        throw LossError(
          .missingInput, subject: signature.inputs[index].role.name, found: "is missing",
          expected: "the inputs " + signature.inputs.map(\.role.name).joined(separator: ", "))
      }
      let form = try fit(view, to: index, of: signature, &bound.binding)
      if index == 0 { bound.leading = view.shape }
      let kind = signature.inputs[index].forms[form].kind
      bound.inputs[index] = try passInput(view, kind, signature, &bound)
      if let name = signature.classAxis, view.shape.count == 0, bound.binding.extent(code: 0) == 0,
        bound.binding.count(of: signature.termCodes) > 0
      {
        throw LossError(
          .emptyInput, subject: view.role.name, found: "has shape \(view.shape)",
          expected: "at least one \(name)")
      }
    }
    try refuseUnknownInputs(signature)
    try bindGradients(to: signature, into: &bound)
  }

  private func refuseUnknownInputs(_ signature: LossSignature) throws(LossError) {
    for index in inputs.indices {
      let role = inputs[index].role
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

  private func bindGradients(
    to signature: LossSignature, into bound: inout BoundInputs<S>
  ) throws(LossError) {
    for gradient in gradients {
      guard let position = signature.inputs.firstIndex(where: { $0.role == gradient.role }),
        signature.inputs[position].isDifferentiable,
        let input = bound.inputs[position], input.isReal
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
      bound.gradients[position] = gradient.buffer.baseAddress ?? bound.own(S.self, count: 1)
    }
  }

  /// The place of the form in which an input is given.
  private func fit(
    _ view: InputView, to index: Int, of signature: LossSignature, _ binding: inout AxisBinding
  ) throws(LossError) -> Int {
    var misfit: AxisBinding.Misfit?
    let codes = signature.inputCodes[index]
    // An empty list has no elements of a wrong kind.
    let isInteger = view.element == .int64 || view.shape.count == 0
    for form in codes.indices {
      let isOfKind = isInteger || signature.inputs[index].forms[form].kind == .real
      do {
        if isOfKind {
          try binding.bind(view.shape, to: codes[form], classAxis: classAxis ?? -1)
          return form
        }
        var trial = binding
        try trial.bind(view.shape, to: codes[form], classAxis: classAxis ?? -1)
      } catch {
        if misfit == nil || error == .extent { misfit = error }
        continue
      }
      throw typeError(view, index, signature, binding)
    }
    throw shapeError(view, index, signature, binding, misfit ?? .extent)
  }

  private func typeError(
    _ view: InputView, _ index: Int, _ signature: LossSignature, _ binding: AxisBinding
  ) -> LossError {
    LossError(
      .invalidType, subject: view.role.name,
      found: "holds \(view.element.rawValue) in shape \(view.shape)",
      expected: describe(index, signature, binding))
  }

  /// The ways in which an input can be given, with the extents that are known by now.
  private func describe(
    _ index: Int, _ signature: LossSignature, _ binding: AxisBinding
  ) -> String {
    zip(signature.inputs[index].forms, signature.inputCodes[index])
      .map { describe($0, $1, binding) }.joined(separator: ", or ")
  }

  private func describe(
    _ form: InputSpecification.Form, _ codes: AxisCodes, _ binding: AxisBinding
  ) -> String {
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
    _ view: InputView, _ index: Int, _ signature: LossSignature, _ binding: AxisBinding,
    _ misfit: AxisBinding.Misfit
  ) -> LossError {
    let isLeading = index == 0
    let forms = signature.inputs[index].forms
    switch misfit {
    case .noSuchClassAxis where view.shape.rank > 0:
      let rank = view.shape.rank
      return LossError(
        .invalidOption, subject: "class_axis", found: "is \(classAxis ?? -1)",
        expected: "an axis of \(view.role) (shape \(view.shape)), from \(-rank) to \(rank - 1)")
    case .rank, .noSuchClassAxis:
      if isLeading {
        return LossError(
          .invalidRank, subject: view.role.name, found: "has shape \(view.shape)",
          expected: "the axes \(forms[0].axes)")
      }
      fallthrough
    case .extent:
      let leading = signature.inputs.first?.role.name ?? ""
      let isSame =
        forms.count == 1 && forms[0].axes == signature.inputs.first?.forms.first?.axes
      return LossError(
        .shapeMismatch, subject: view.role.name, found: "has shape \(view.shape)",
        expected: describe(index, signature, binding)
          + (isLeading ? "" : isSame ? ", the shape of \(leading)" : ", to fit \(leading)"))
    }
  }

  private func passInput(
    _ view: InputView, _ kind: InputSpecification.Kind, _ signature: LossSignature,
    _ bound: inout BoundInputs<S>
  ) throws(LossError) -> PassInput<S> {
    let count = view.shape.count
    guard case .real = kind else {
      let integers =
        view.pointer?.assumingMemoryBound(to: Int.self)
        ?? UnsafePointer(bound.own(Int.self, count: 1))
      if case .length(let axis) = kind, let limit = bound.binding.extent(axis, signature) {
        for index in 0..<count where integers[index] < 0 || integers[index] > limit {
          throw LossError(
            .invalidValue, subject: view.role.name,
            found: "is \(integers[index])\(at(index, view.shape))",
            expected: "a length from 0 to \(limit), the extent of the \(axis) axis")
        }
      }
      return PassInput(real: nil, integers: integers, shape: view.shape)
    }
    return PassInput(real: reals(view, &bound), integers: nil, shape: view.shape)
  }

  /// The elements as numbers of this computation: in place if they are, otherwise converted.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func reals(_ view: InputView, _ bound: inout BoundInputs<S>) -> UnsafePointer<S> {
    let count = view.shape.count
    guard let pointer = view.pointer, count > 0 else {
      return UnsafePointer(bound.own(S.self, count: 1))
    }
    if view.element.isElement(S.self) { return pointer.assumingMemoryBound(to: S.self) }
    let converted = bound.own(S.self, count: count)
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

extension Element {
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
