internal import LossCore

/// Finds the line of a signature: which number varies, and what the others are held at.
struct SlicePlanner {
  /// What is found.
  struct Plan {
    let axis: String
    let held: String
    let line: SliceLine
    let inputs: LossInputs
    let hasDerivative: Bool
    let termCount: Int
  }

  private let signature: LossSignature
  private let varied: InputSpecification
  private let variedForm: InputSpecification.Encoding
  private let others: [InputSpecification]

  /// - Throws: `LossError` for a signature that has no such line.
  init(_ signature: LossSignature, _ properties: [LossProperty]) throws(LossError) {
    let required = signature.inputs.filter { !$0.isOptional }
    let numbers = required.filter { input in input.encodings.contains { $0.kind == .real } }
    guard let varied = numbers.first(where: \.isDifferentiable) ?? numbers.first,
      let form = varied.encodings.last(where: { $0.kind == .real })
    else {
      throw LossError(
        .missingInput, subject: "", found: "has no input whose numbers can vary in a plot",
        expected: "an input of numbers", hint: "A loss that is made of others needs its parts.")
    }
    self.signature = signature
    self.varied = varied
    variedForm = form
    others = required.filter { $0.role != varied.role }
    guard extents(of: form.axes) != nil else { throw refusal(of: varied, form) }
    guard !properties.contains(.batchDependent) else {
      throw LossError(
        .invalidRank, subject: varied.role.name,
        found: "cannot vary by itself in a plot, since the samples of a batch depend on each other",
        expected: "a loss whose samples stand alone")
    }
  }

  /// Whether the terms are sums over regions; one element makes the smallest.
  private var isRegion: Bool {
    signature.maskCovers == .elements && !(varied.domain == .any && hasClassTarget)
  }

  private func hasClassAxis(_ axes: AxisPattern) -> Bool {
    axes.axes.contains { axis in
      guard case .named(let name) = axis else { return false }
      return name == signature.classAxis
    }
  }

  private var isRow: Bool { hasClassAxis(variedForm.axes) && !isRegion }

  /// Whether the rows tell classes or items apart, rather than being vectors.
  private var hasClassTarget: Bool {
    others.isEmpty
      || others.contains { input in
        input.encodings.contains { if case .classIndex = $0.kind { true } else { false } }
          || input.domain != .any
      }
  }

  /// The extents of the axes for one term; nil for axes that no one term has.
  private func extents(of axes: AxisPattern) -> [Int]? {
    var extents: [Int] = []
    for axis in axes.axes {
      switch axis {
      case .ellipsis: extents.append(1)
      case .exactly(let extent) where extent == 1: extents.append(1)
      case .exactly: return nil
      case .named(let name) where name == signature.classAxis: extents.append(isRegion ? 1 : 2)
      // Terms that lie along the axis stand alone along it.
      case .named(let name) where signature.terms.axes.contains(.named(name)): extents.append(1)
      case .named, .longer: return nil
      }
    }
    return extents
  }

  private func refusal(
    of input: InputSpecification, _ form: InputSpecification.Encoding?
  ) -> LossError {
    let axes = form.map { "has the axes \($0.axes)" } ?? "is no number"
    return LossError(
      .invalidRank, subject: input.role.name, found: "\(axes), which one number cannot stand for",
      expected: "one number, or one row along the class axis, to draw the loss against")
  }

  /// The line, with the target held at a number or at its usual one.
  func plan(target: Double?) throws(LossError) -> Plan {
    guard let extents = extents(of: variedForm.axes) else { throw refusal(of: varied, variedForm) }
    let aim = others.first { $0.role == .target } ?? others.first
    if target != nil, aim == nil {
      throw LossError(
        .unknownInput, subject: "target", found: "is given",
        expected: "none, since \(varied.role) is the only input")
    }
    var inputs = LossInputs()
    var held: [String] = []
    var sign = 1.0
    for input in others {
      let wanted = input.role == aim?.role ? target : nil
      let tensor = try tensor(of: input, at: wanted, sign: sign)
      inputs[input.role] = tensor
      if isRow, !hasClassTarget { sign = -sign }
      if let phrase = phrase(input, tensor, wanted) { held.append(phrase) }
    }
    let termAxes = signature.terms.axes.isEmpty ? [] : (self.extents(of: signature.terms) ?? [])
    return Plan(
      axis: axis(isTrueClass: (target ?? 1) == 1),
      held: held.joined(separator: ", "),
      line: SliceLine(
        role: varied.role, shape: Shape(trusted: extents), way: way,
        isNonNegative: varied.domain == .nonNegative),
      inputs: inputs, hasDerivative: varied.isDifferentiable, termCount: termAxes.reduce(1, *))
  }

  private var way: SliceLine.Way {
    switch varied.domain {
    case .probability, .distribution: .share
    case .logDistribution: .logShare
    case .nonNegative: isRow ? .beside(1) : .alone
    case .any, .oneHot, .sign, .binary, .boxCorners:
      isRow ? .beside(hasClassTarget ? 0 : 1) : .alone
    }
  }

  // MARK: What is held

  private func tensor(
    of input: InputSpecification, at wanted: Double?, sign: Double
  ) throws(LossError) -> AnyTensor {
    let fitting = input.encodings.filter { form in
      guard extents(of: form.axes) != nil else { return false }
      switch form.kind {
      case .real: return true
      case .classIndex: return !hasClassAxis(form.axes) && !isRegion
      case .label, .length, .group: return false
      }
    }
    let share = wanted ?? 1
    let isWhole = share == 0 || share == 1
    guard
      let form = fitting.first(where: { $0.kind == .real || isWhole }) ?? fitting.first,
      let extents = extents(of: form.axes)
    else { throw refusal(of: input, input.encodings.first) }
    let shape = Shape(trusted: extents)
    if case .classIndex = form.kind {
      guard isWhole else {
        throw LossError(
          .invalidValue, subject: input.role.name, found: "is \(share)",
          expected: "1 for the class that varies, or 0 for the other")
      }
      return .int64(Tensor(trusted: shape, [share == 1 ? 0 : 1]))
    }
    if hasClassAxis(form.axes), !isRegion {
      return .float64(Tensor(trusted: shape, row(input.domain, share, sign)))
    }
    return .float64(Tensor(trusted: shape, [wanted ?? usual(input.domain)]))
  }

  private func usual(_ domain: InputSpecification.Domain) -> Double {
    switch domain {
    case .any, .logDistribution, .boxCorners: 0
    case .nonNegative, .probability, .distribution, .oneHot, .sign, .binary: 1
    }
  }

  private func row(
    _ domain: InputSpecification.Domain, _ share: Double, _ sign: Double
  ) -> [Double] {
    switch domain {
    case .distribution, .oneHot, .probability, .binary: [share, 1 - share]
    case .logDistribution: [.log(share), .log(onePlus: -share)]
    case .sign: [share, -share]
    case .any, .nonNegative, .boxCorners: [sign * share, 0]
    }
  }

  // MARK: In words

  private func axis(isTrueClass: Bool) -> String {
    guard let classAxis = signature.classAxis, isRow else {
      return isRegion ? "\(varied.role) of a region of one element" : varied.role.name
    }
    let plural = classAxis + (classAxis.hasSuffix("s") ? "es" : "s")
    guard hasClassTarget else {
      return "\(varied.role), first of two \(plural) (the other: 1)"
    }
    let isTrue = isTrueClass && !others.isEmpty
    let which = isTrue ? "of the true \(classAxis) of two" : "of the first of two \(plural)"
    switch way {
    case .share: return "probability \(which)"
    case .logShare: return "probability \(which), given as its logarithm"
    case .beside(let other): return "score \(which) (the other: \(text(other)))"
    case .alone: return "score \(which)"
    }
  }

  /// What an input is held at; nil where the axis says it.
  private func phrase(
    _ input: InputSpecification, _ tensor: AnyTensor, _ wanted: Double?
  ) -> String? {
    if isRow, hasClassTarget, tensor.shape.count == 2 || tensor.element == .int64 {
      guard let wanted, wanted != 1 else { return nil }
      return "\(input.role) = \(text(wanted)) for it"
    }
    let numbers = tensor.doubles.map(text)
    let value = numbers.count == 1 ? numbers[0] : "[\(numbers.joined(separator: ", "))]"
    return "\(input.role) = \(value)"
  }

  private func text(_ number: Double) -> String { OptionValue.number(number).text }
}
