/// The inputs of a call after validation: as memory in the order of the signature.
@usableFromInline struct BoundInputs<S: LossScalar> {
  @usableFromInline var inputs: Slots<PassInput<S>> = Slots()
  @usableFromInline var gradients: Slots<UnsafeMutablePointer<S>> = Slots()
  @usableFromInline var binding: AxisBinding
  @usableFromInline var leading: Shape = .scalar
  /// Memory that this call had to make: inputs of another element, and stand-ins for empty ones.
  @usableFromInline var owned: [UnsafeMutableRawPointer] = []

  @usableFromInline init(binding: AxisBinding) { self.binding = binding }

  @usableFromInline mutating func own<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(1, count))
    owned.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  @usableFromInline func release() {
    for pointer in owned { pointer.deallocate() }
  }
}

extension LossCall {
  /// Checks the inputs and the wanted gradients against a signature: the only place where shapes
  /// and kinds of inputs are compared.
  @usableFromInline
  func bind(to signature: LossSignature, into bound: inout BoundInputs<S>) throws(LossError) {
    for (index, specification) in signature.inputs.enumerated() {
      guard let view = input(specification.role) else {
        if specification.isOptional { continue }
        throw LossError(
          .missingInput, subject: specification.role.name, found: "is missing",
          expected: "the inputs " + signature.inputs.map(\.role.name).joined(separator: ", "))
      }
      let form = try fit(view, to: specification, of: signature, &bound.binding)
      if index == 0 { bound.leading = view.shape }
      bound.inputs[index] = try passInput(view, as: form, &bound)
      if let name = signature.classAxis, bound.binding.extent(name) == 0, view.shape.count == 0,
        form.axes.contains(name), bound.binding.count(of: signature.terms) > 0
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
    for index in 0..<Slots<InputView>.capacity {
      guard let role = inputs[index]?.role, role != .weight, role != .mask,
        signature.input(role) == nil
      else { continue }
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
    for index in 0..<Slots<GradientView<S>>.capacity {
      guard let gradient = gradients[index] else { continue }
      let differentiable = signature.inputs.filter(\.isDifferentiable)
      guard let position = signature.inputs.firstIndex(where: { $0.role == gradient.role }),
        signature.inputs[position].isDifferentiable,
        let input = bound.inputs[position], input.isReal
      else {
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

  private func fit(
    _ view: InputView, to specification: InputSpecification, of signature: LossSignature,
    _ binding: inout AxisBinding
  ) throws(LossError) -> InputSpecification.Form {
    var misfit: AxisBinding.Misfit?
    for form in specification.forms {
      var trial = binding
      do {
        try trial.bind(view.shape, to: form.axes, classAxis: classAxis ?? -1)
      } catch {
        if misfit == nil || error == .extent { misfit = error }
        continue
      }
      guard form.kind == .real || view.element == .int64 else {
        throw typeError(view, specification, binding)
      }
      binding = trial
      return form
    }
    throw shapeError(view, specification, signature, binding, misfit ?? .extent)
  }

  private func typeError(
    _ view: InputView, _ specification: InputSpecification, _ binding: AxisBinding
  ) -> LossError {
    LossError(
      .invalidType, subject: view.role.name,
      found: "holds \(view.element.rawValue) in shape \(view.shape)",
      expected: specification.forms.map { describe($0, binding) }.joined(separator: ", or "))
  }

  private func describe(_ form: InputSpecification.Form, _ binding: AxisBinding) -> String {
    let extents = binding.extents(of: form.axes)
    let known = extents.compactMap { $0 }
    let shape =
      known.count == extents.count && !known.isEmpty
      ? known.description : known.isEmpty && form.axes.axes.isEmpty ? "[]" : "\(form.axes)"
    return switch form.kind {
    case .real: shape
    case .classIndex, .label: "whole numbers (i64) of shape \(shape), the indices of classes"
    case .length: "whole numbers (i64) of shape \(shape), lengths"
    }
  }

  private func shapeError(
    _ view: InputView, _ specification: InputSpecification, _ signature: LossSignature,
    _ binding: AxisBinding, _ misfit: AxisBinding.Misfit
  ) -> LossError {
    let isLeading = specification.role == signature.inputs.first?.role
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
          expected: "the axes \(specification.forms[0].axes)")
      }
      fallthrough
    case .extent:
      let leading = signature.inputs.first?.role.name ?? ""
      let expected = specification.forms.map { describe($0, binding) }
      let isSame =
        specification.forms.count == 1
        && specification.forms[0].axes == signature.inputs.first?.forms.first?.axes
      return LossError(
        .shapeMismatch, subject: view.role.name, found: "has shape \(view.shape)",
        expected: expected.joined(separator: ", or ")
          + (isLeading ? "" : isSame ? ", the shape of \(leading)" : ", to fit \(leading)"))
    }
  }

  private func passInput(
    _ view: InputView, as form: InputSpecification.Form, _ bound: inout BoundInputs<S>
  ) throws(LossError) -> PassInput<S> {
    let count = view.shape.count
    guard case .real = form.kind else {
      let integers =
        view.pointer?.assumingMemoryBound(to: Int.self)
        ?? UnsafePointer(bound.own(Int.self, count: 1))
      if case .length(let axis) = form.kind, let limit = bound.binding.extent(axis) {
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
  @usableFromInline
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
