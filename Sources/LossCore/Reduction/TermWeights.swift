/// The weight and the mask of each term, from the caller and from the loss.
struct TermWeights<S: LossScalar> {
  /// The caller's weights in the shape of the terms; nil means 1.
  var weights: [S]?
  /// Whether the mask, or the loss, excludes each term from every count; nil means none is
  /// excluded.
  var excluded: [Bool]?
  /// The weight that the loss gives to each term, such as a class weight; nil means 1.
  var termWeights: [S]?

  var isUniform: Bool { weights == nil && excluded == nil && termWeights == nil }
  func weight(_ term: Int) -> S { weights?[term] ?? 1 }
  func isExcluded(_ term: Int) -> Bool { excluded?[term] ?? false }
  /// What a term adds to the divisor of a weighted mean. For a weight of zero, the weight from the
  /// loss is ignored, even if it is NaN.
  func normalizer(_ term: Int) -> Double {
    let weight = Double(weight(term))
    return weight == 0 ? 0 : weight * (termWeights.map { Double($0[term]) } ?? 1)
  }

  /// The weights and the mask from the caller.
  @specialized(where S == Float)
  @specialized(where S == Double)
  init(_ inputs: inout ValidatedInputs<S>) throws(LossError) {
    guard !inputs.isPlain else { return }
    try readWeight(&inputs)
    try readMask(&inputs)
  }

  private mutating func readWeight(_ inputs: inout ValidatedInputs<S>) throws(LossError) {
    guard let view = inputs.request.input(.weight) else { return }
    try view.checkStrides(isWeight: true)
    let values = inputs.reals(view)
    for index in 0..<view.shape.count where !(values[index] >= 0 && values[index].isFinite) {
      throw LossError(
        .invalidValue, subject: view.role.name,
        found: "is \(values[index])\(at(index, view.shape))",
        expected: "a finite number of at least zero")
    }
    let indices: [Int]
    do throws(LossError) {
      indices = try view.shape.broadcast(to: inputs.termShape, view.role, "terms")
    } catch {
      var error = error
      if let count = inputs.classCount, view.shape.extents == [count] {
        error.hint = LossError.classWeightsHint
      }
      throw error
    }
    weights = indices.map { values[$0] }
  }

  private mutating func readMask(_ inputs: inout ValidatedInputs<S>) throws(LossError) {
    guard let view = inputs.request.input(.mask), inputs.signature.maskCovers == .terms else {
      return
    }
    let values = try inputs.booleans(view)
    let indices = try view.shape.broadcast(to: inputs.termShape, view.role, "terms")
    excluded = indices.map { !(values?[$0] ?? false) }
  }
}

extension ValidatedInputs {
  /// The elements of a mask: in place if they have one byte, otherwise converted. Whole numbers are
  /// taken if all are 0 or 1.
  fileprivate mutating func booleans(_ view: InputView) throws(LossError) -> UnsafePointer<Bool>? {
    try view.checkStrides(isWeight: true)
    guard let pointer = view.pointer, view.shape.count > 0 else { return nil }
    let elements = StoredElements(view)
    if view.element == .bool, elements.layout == nil {
      return pointer.assumingMemoryBound(to: Bool.self)
    }
    guard !view.element.isReal else {
      throw view.maskError("", hint: "Compare with a threshold, such as 0.5.")
    }
    let integers = integers(view)
    let flags = allocate(Bool.self, count: view.shape.count)
    for index in 0..<view.shape.count {
      let number = integers[index]
      guard number == 0 || number == 1 else {
        let others = Set((0..<view.shape.count).lazy.map { integers[$0] }.filter { $0 != 0 })
        throw view.maskError(
          " and is \(number)\(at(index, view.shape))",
          hint: others == [255]
            ? "A mask of 0 and 255 is divided by 255, or compared with 127."
            : "Compare with the value to keep.")
      }
      flags[index] = number == 1
    }
    return UnsafePointer(flags)
  }
}

extension InputView {
  fileprivate func maskError(_ number: String, hint: String) -> LossError {
    LossError(
      .invalidType, subject: role.name, found: "has type \(element.rawValue)\(number)",
      expected: "type bool, or 0 and 1: true keeps a term, false removes it", hint: hint)
  }
}

extension ValidatedInputs {
  /// The mask of a region loss, which selects elements of the leading input.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func elementMask() throws(LossError) -> UnsafePointer<Bool>? {
    guard !isPlain, signature.maskCovers == .elements, let view = request.input(.mask) else {
      return nil
    }
    let values = try booleans(view)
    let role = signature.inputs.first?.role.name ?? ""
    let indices = try view.shape.broadcast(to: leading, view.role, role)
    let mask = allocate(Bool.self, count: indices.count)
    for (element, index) in indices.enumerated() { mask[element] = values?[index] ?? false }
    return UnsafePointer(mask)
  }

  /// Checks every class index that is read. Region losses check theirs themselves, since their
  /// terms are not the elements.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func checkClasses(ignoring: Int?, removed: [Bool]?) throws(LossError) {
    try checkDenseClasses(removed: removed)
    guard signature.maskCovers == .terms else { return }
    for index in signature.inputs.indices {
      guard let input = inputs[index], let classes = input.integers,
        case .classIndex(let axis)? = signature.inputs[index].encodings.first?.kind,
        let limit = binding.extent(axis, signature)
      else { continue }
      let isTerm = signature.inputs[index].encodings.first?.axes == signature.terms
      // The classes are those of another input, not of the dense encoding of this one.
      let holder = signature.inputs.indices.first {
        $0 != index && inputs[$0] != nil && signature.inputs[$0].has(axis)
      }
      for element in 0..<input.count where classes[element] < 0 || classes[element] >= limit {
        // The indices of removed terms and the ignored class are not read.
        if classes[element] == ignoring || (isTerm && removed?[element] ?? false) { continue }
        throw signature.invalidClass(
          classes[element], of: index, at: element, input.shape, below: limit,
          axisOf: holder ?? 0, holder.flatMap { inputs[$0]?.shape } ?? leading)
      }
    }
  }
}

extension ValidatedInputs {
  /// Checks a target of one number a class where the loss also takes class indices: whole numbers
  /// that are not one-hot are most likely class indices with an axis too many.
  private func checkDenseClasses(removed: [Bool]?) throws(LossError) {
    for index in signature.inputs.indices {
      let specification = signature.inputs[index]
      guard let input = inputs[index], let numbers = input.real, index > 0,
        case .classIndex? = specification.encodings.first?.kind, input.shape == leading,
        let axis = binding.classAxis
      else { continue }
      guard request.domainChecks != .none,
        request.input(specification.role)?.element.isInteger == true
      else { continue }
      let rows = binding.rows(of: leading)
      let isRegion = signature.maskCovers == .elements
      for row in 0..<(input.count / max(1, rows.length)) {
        if !isRegion, removed?[row] ?? false { continue }
        let start = row / rows.inner * rows.inner * rows.length + row % rows.inner
        var ones = 0
        for j in 0..<rows.length {
          let number = numbers[start + j * rows.inner]
          ones += number == 1 ? 1 : number == 0 ? 0 : rows.length + 1
        }
        if ones == 1 || isRegion && ones <= rows.length { continue }
        let rowShape = leading.removing(axis: axis)
        throw LossError(
          .invalidValue, subject: specification.role.name,
          found: "has whole numbers\(isRegion ? "" : " that are not one-hot")"
            + at(row, rowShape),
          expected: isRegion ? "0 or 1" : "a single 1 along the class axis",
          hint: "Class indices have the shape \(rowShape), without the class axis;"
            + " shares of classes are real numbers.")
      }
    }
  }
}

extension LossSignature {
  /// The error for a class index that is out of range for the class axis of another input.
  package func invalidClass(
    _ found: Int, of input: Int, at index: Int, _ shape: Shape, below count: Int,
    axisOf holder: Int, _ holderShape: Shape
  ) -> LossError {
    LossError(
      .invalidClass, subject: inputs[input].role.name,
      found: "is \(found)\(LossCore.at(index, shape))",
      expected: "a class in 0 ..< \(count), the class axis of \(inputs[holder].role)"
        + " (shape \(holderShape))",
      hint: [-100, -1, 255].contains(found) ? LossError.ignoredClassHint : "")
  }
}

extension InputSpecification {
  /// Whether one of its encodings has the axis of this name.
  fileprivate func has(_ axis: String) -> Bool {
    encodings.contains { $0.axes.axes.contains(.named(axis)) }
  }
}

extension TermWeights {
  /// Whether a mask or a weight of zero removes each term; nil means none is removed.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func removedByCaller() -> [Bool]? {
    guard let weights else { return excluded }
    return weights.indices.map { weights[$0] == 0 || isExcluded($0) }
  }

  /// Sets the weights from the loss; a negative weight excludes its term.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func apply(_ termWeights: [S]) {
    self.termWeights = termWeights
    guard termWeights.contains(where: { $0 < 0 }) else { return }
    excluded = termWeights.indices.map { termWeights[$0] < 0 || (excluded?[$0] ?? false) }
  }
}

extension Shape {
  /// The element of this shape for each element of the shape that it is broadcast to: the extents
  /// are equal, or 1 in this shape. Axes are never added: the ranks must be equal.
  package func broadcast(
    to shape: Shape, _ role: Role, _ owner: String
  ) throws(LossError) -> [Int] {
    let fits =
      rank == shape.rank
      && zip(extents, shape.extents).allSatisfy { $0 == $1 || $0 == 1 }
    guard fits else {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has shape \(self)",
        expected: "\(shape), the shape of the \(owner), or extent 1 on axes to broadcast",
        hint: reshapingHint(to: shape, broadcasts: true))
    }
    let strides = strides { extents[$0] != 1 }
    return shape.offsets(strides: strides)
  }
}
