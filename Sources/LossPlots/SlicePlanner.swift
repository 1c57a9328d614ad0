internal import LossCore

/// Plans the slice of a loss from its signature: the varying number, and the fixed inputs.
struct SlicePlanner {
  /// The plan of a slice.
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
  private let variedEncoding: InputSpecification.Encoding
  private let others: [InputSpecification]

  /// - Throws: `LossError` for a signature that cannot be sliced.
  init(_ signature: LossSignature, _ properties: [LossProperty]) throws(LossError) {
    let required = signature.inputs.filter { !$0.isOptional }
    let numbers = required.filter { input in input.encodings.contains { $0.kind == .real } }
    guard let varied = numbers.first(where: \.isDifferentiable) ?? numbers.first,
      let encoding = varied.encodings.last(where: { $0.kind == .real })
    else {
      throw LossError(
        .missingInput, subject: "", found: "has no real input to plot against",
        expected: "a real input", hint: "A composed loss needs its parts.")
    }
    self.signature = signature
    self.varied = varied
    variedEncoding = encoding
    others = required.filter { $0.role != varied.role }
    guard extents(of: encoding.axes) != nil else { throw error(of: varied, encoding) }
    guard !properties.contains(.batchDependent) else {
      throw LossError(
        .invalidRank, subject: varied.role.name,
        found: "cannot be plotted, since the samples of a batch depend on each other",
        expected: "a loss with independent samples")
    }
  }

  /// Whether the terms are region losses, which are plotted for a region of one element.
  private var isRegion: Bool {
    signature.maskCovers == .elements && !(varied.domain == .any && hasClassTarget)
  }

  private func hasClassAxis(_ axes: AxisPattern) -> Bool {
    axes.axes.contains { axis in
      guard case .named(let name) = axis else { return false }
      return name == signature.classAxis
    }
  }

  private var isRow: Bool { hasClassAxis(variedEncoding.axes) && !isRegion }

  /// Whether the rows are scores of classes or items, rather than vectors.
  private var hasClassTarget: Bool {
    others.isEmpty
      || others.contains { input in
        input.encodings.contains { if case .classIndex = $0.kind { true } else { false } }
          || input.domain != .any
      }
  }

  /// The extents of the axes for one term; nil for axes that a slice cannot have.
  private func extents(of axes: AxisPattern) -> [Int]? {
    var extents: [Int] = []
    for axis in axes.axes {
      switch axis {
      case .ellipsis: extents.append(1)
      case .exactly(let extent) where extent == 1: extents.append(1)
      case .exactly: return nil
      case .named(let name) where name == signature.classAxis: extents.append(isRegion ? 1 : 2)
      // Terms along the axis are independent.
      case .named(let name) where signature.terms.axes.contains(.named(name)): extents.append(1)
      case .named, .longer: return nil
      }
    }
    return extents
  }

  private func error(
    of input: InputSpecification, _ encoding: InputSpecification.Encoding?
  ) -> LossError {
    let axes = encoding.map { "has the axes \($0.axes)" } ?? "is not a number"
    return LossError(
      .invalidRank, subject: input.role.name, found: "\(axes) and cannot be plotted",
      expected: "one number, or one row along the class axis")
  }

  /// The plan, with a given target or the default one.
  func plan(target: Double?) throws(LossError) -> Plan {
    guard let extents = extents(of: variedEncoding.axes) else {
      throw error(of: varied, variedEncoding)
    }
    let targetInput = others.first { $0.role == .target } ?? others.first
    if target != nil, targetInput == nil {
      throw LossError(
        .unknownInput, subject: "target", found: "is given",
        expected: "none, since \(varied.role) is the only input")
    }
    var inputs = LossInputs()
    var held: [String] = []
    var sign = 1.0
    for input in others {
      let fixedTarget = input.role == targetInput?.role ? target : nil
      let tensor = try tensor(of: input, at: fixedTarget, sign: sign)
      inputs[input.role] = tensor
      if isRow, !hasClassTarget { sign = -sign }
      if let phrase = phrase(input, tensor, fixedTarget) { held.append(phrase) }
    }
    let termAxes = signature.terms.axes.isEmpty ? [] : (self.extents(of: signature.terms) ?? [])
    return Plan(
      axis: axis(isTrueClass: (target ?? 1) == 1),
      held: held.joined(separator: ", "),
      line: SliceLine(
        role: varied.role, shape: Shape(trusted: extents), companion: companion,
        isNonNegative: varied.domain == .nonNegative),
      inputs: inputs, hasDerivative: varied.isDifferentiable, termCount: termAxes.reduce(1, *))
  }

  private var companion: SliceLine.Companion {
    switch varied.domain {
    case .probability, .distribution: .complement
    case .logDistribution: .logComplement
    case .nonNegative, .relevance: isRow ? .constant(1) : .single
    case .any, .oneHot, .sign, .binary, .boxCorners:
      isRow ? .constant(hasClassTarget ? 0 : 1) : .single
    }
  }

  // MARK: Fixed inputs

  private func tensor(
    of input: InputSpecification, at target: Double?, sign: Double
  ) throws(LossError) -> AnyTensor {
    let candidates = input.encodings.filter { encoding in
      guard extents(of: encoding.axes) != nil else { return false }
      switch encoding.kind {
      case .real: return true
      case .classIndex: return !hasClassAxis(encoding.axes) && !isRegion
      case .label, .length, .group: return false
      }
    }
    let probability = target ?? 1
    let isHard = probability == 0 || probability == 1
    guard
      let encoding = candidates.first(where: { $0.kind == .real || isHard }) ?? candidates.first,
      let extents = extents(of: encoding.axes)
    else { throw error(of: input, input.encodings.first) }
    let shape = Shape(trusted: extents)
    if case .classIndex = encoding.kind {
      guard isHard else {
        throw LossError(
          .invalidValue, subject: input.role.name, found: "is \(probability)",
          expected: "1 for the varying class, or 0 for the other")
      }
      return .int64(Tensor(trusted: shape, [probability == 1 ? 0 : 1]))
    }
    if hasClassAxis(encoding.axes), !isRegion {
      return .float64(Tensor(trusted: shape, row(input.domain, probability, sign)))
    }
    return .float64(Tensor(trusted: shape, [target ?? defaultTarget(input.domain)]))
  }

  private func defaultTarget(_ domain: InputSpecification.Domain) -> Double {
    switch domain {
    case .any, .logDistribution, .boxCorners: 0
    case .nonNegative, .relevance, .probability, .distribution, .oneHot, .sign, .binary: 1
    }
  }

  private func row(
    _ domain: InputSpecification.Domain, _ probability: Double, _ sign: Double
  ) -> [Double] {
    switch domain {
    case .distribution, .oneHot, .probability, .binary: [probability, 1 - probability]
    case .logDistribution: [.log(probability), .log(onePlus: -probability)]
    case .sign: [probability, -probability]
    case .any, .nonNegative, .relevance, .boxCorners: [sign * probability, 0]
    }
  }

  // MARK: Labels

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
    switch companion {
    case .complement: return "probability \(which)"
    case .logComplement: return "probability \(which), given as its logarithm"
    case .constant(let other): return "score \(which) (the other: \(text(other)))"
    case .single: return "score \(which)"
    }
  }

  /// A fixed input as text; nil if the axis label implies it.
  private func phrase(
    _ input: InputSpecification, _ tensor: AnyTensor, _ target: Double?
  ) -> String? {
    if isRow, hasClassTarget, tensor.shape.count == 2 || tensor.element == .int64 {
      guard let target, target != 1 else { return nil }
      return "\(input.role) = \(text(target)) for this class"
    }
    let numbers = tensor.doubles.map(text)
    let value = numbers.count == 1 ? numbers[0] : "[\(numbers.joined(separator: ", "))]"
    return "\(input.role) = \(value)"
  }

  private func text(_ number: Double) -> String { OptionValue.number(number).text }
}
