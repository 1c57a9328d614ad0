/// What the caller and the loss say about each term.
struct TermWeights<S: LossScalar> {
  /// The caller's weights in the shape of the terms; nil means 1.
  var weights: [S]?
  /// The terms that the mask, or the loss, leaves out of every count.
  var excluded: [Bool]?
  /// What each term weighs by its own target; nil means 1.
  var termWeights: [S]?

  var isUniform: Bool { weights == nil && excluded == nil && termWeights == nil }
  func weight(_ term: Int) -> S { weights?[term] ?? 1 }
  func isExcluded(_ term: Int) -> Bool { excluded?[term] ?? false }
  /// What a term adds to the divisor of a weighted mean; what a weight of zero removes is not read.
  func normalizer(_ term: Int) -> Double {
    let weight = Double(weight(term))
    return weight == 0 ? 0 : weight * (termWeights.map { Double($0[term]) } ?? 1)
  }

  /// What the caller's weight and mask say.
  @specialized(where S == Float)
  @specialized(where S == Double)
  init(_ inputs: inout ValidatedInputs<S>) throws(LossError) {
    guard !inputs.isPlain else { return }
    try readWeight(&inputs)
    try readMask(inputs)
  }

  private mutating func readWeight(_ inputs: inout ValidatedInputs<S>) throws(LossError) {
    guard let view = inputs.call.input(.weight) else { return }
    let given = inputs.reals(view)
    for index in 0..<view.shape.count where !(given[index] >= 0 && given[index].isFinite) {
      throw LossError(
        .invalidValue, subject: view.role.name,
        found: "is \(given[index])\(at(index, view.shape))",
        expected: "a finite number of at least zero")
    }
    let places = try view.shape.spread(over: inputs.termShape, view.role, "terms")
    weights = places.map { given[$0] }
  }

  private mutating func readMask(_ inputs: ValidatedInputs<S>) throws(LossError) {
    guard let view = inputs.call.input(.mask), inputs.signature.maskCovers == .terms else { return }
    let given = try view.truths
    let places = try view.shape.spread(over: inputs.termShape, view.role, "terms")
    excluded = places.map { !(given?[$0] ?? false) }
  }
}

extension InputView {
  fileprivate var truths: UnsafePointer<Bool>? {
    get throws(LossError) {
      guard element == .bool else {
        throw LossError(
          .invalidType, subject: role.name, found: "holds \(element.rawValue)",
          expected: "truth values (bool): true keeps a term, false removes it")
      }
      return pointer?.assumingMemoryBound(to: Bool.self)
    }
  }
}

extension ValidatedInputs {
  /// The mask of a loss over regions, which selects elements of the leading input.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func elementMask() throws(LossError) -> UnsafePointer<Bool>? {
    guard !isPlain, signature.maskCovers == .elements, let view = call.input(.mask) else {
      return nil
    }
    let given = try view.truths
    let role = signature.inputs.first?.role.name ?? ""
    let places = try view.shape.spread(over: leading, view.role, role)
    let mask = own(Bool.self, count: places.count)
    for (index, place) in places.enumerated() { mask[index] = given?[place] ?? false }
    return UnsafePointer(mask)
  }

  /// Checks every class index that counts. The form checks those of regions, which are not terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func checkClasses(ignoring: Int?, removed: [Bool]?) throws(LossError) {
    guard signature.maskCovers == .terms else { return }
    for index in signature.inputs.indices {
      guard let input = inputs[index], let classes = input.integers,
        case .classIndex(let axis)? = signature.inputs[index].encodings.first?.kind,
        let limit = binding.extent(axis, signature)
      else { continue }
      let isTerm = signature.inputs[index].encodings.first?.axes == signature.terms
      // A dense form of the indices' own input is not where the classes come from.
      let holder = signature.inputs.indices.first {
        $0 != index && inputs[$0] != nil && signature.inputs[$0].has(axis)
      }
      for place in 0..<input.count where classes[place] < 0 || classes[place] >= limit {
        // What is not read is not checked: the index of a removed term, or of the ignored class.
        if classes[place] == ignoring || (isTerm && removed?[place] ?? false) { continue }
        throw signature.invalidClass(
          classes[place], of: index, at: place, input.shape, below: limit,
          axisOf: holder ?? 0, holder.flatMap { inputs[$0]?.shape } ?? leading)
      }
    }
  }
}

extension LossSignature {
  /// The error that a class index of an input lies outside the class axis of another.
  func invalidClass(
    _ found: Int, of input: Int, at place: Int, _ shape: Shape, below count: Int,
    axisOf holder: Int, _ holderShape: Shape
  ) -> LossError {
    LossError(
      .invalidClass, subject: inputs[input].role.name,
      found: "is \(found)\(LossCore.at(place, shape))",
      expected: "a class in 0 ..< \(count), the class axis of \(inputs[holder].role)"
        + " (shape \(holderShape))")
  }
}

extension InputSpecification {
  /// Whether it can be given with the axis of this name.
  fileprivate func has(_ axis: String) -> Bool {
    encodings.contains { $0.axes.axes.contains(.named(axis)) }
  }
}

extension TermWeights {
  /// The terms that a mask or a weight of zero removes; nil means none.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func removedByCaller() -> [Bool]? {
    guard let weights else { return excluded }
    return weights.indices.map { weights[$0] == 0 || isExcluded($0) }
  }

  /// Takes what the loss says about each term: a weight, or below zero for a term that is out.
  @specialized(where S == Float)
  @specialized(where S == Double)
  mutating func apply(_ termWeights: [S]) {
    self.termWeights = termWeights
    guard termWeights.contains(where: { $0 < 0 }) else { return }
    excluded = termWeights.indices.map { termWeights[$0] < 0 || (excluded?[$0] ?? false) }
  }
}

extension Shape {
  /// For each element of a larger shape the element of this one that stands for it: shapes are
  /// equal, or this one has extent 1 on the axes along which it is constant. Never a guess: the
  /// ranks must agree.
  func spread(
    over shape: Shape, _ role: Role, _ owner: String
  ) throws(LossError) -> [Int] {
    let fits =
      rank == shape.rank
      && zip(extents, shape.extents).allSatisfy { $0 == $1 || $0 == 1 }
    guard fits else {
      throw LossError(
        .shapeMismatch, subject: role.name, found: "has shape \(self)",
        expected: "\(shape), the shape of the \(owner), or 1 on axes where it is constant")
    }
    let steps = steps { extents[$0] != 1 }
    return shape.offsets(steps: steps)
  }
}
