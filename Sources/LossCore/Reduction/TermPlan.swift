/// What becomes of each term: its factor in the result and in the gradient, decided before the
/// terms are computed so that value and gradient need one pass only.
struct TermPlan<S: LossScalar> {
  /// How the result comes about.
  enum Outcome {
    /// One number: the weighted sum of all terms, divided.
    case quotient(by: Double)
    /// The terms themselves.
    case terms
    /// Sums over groups of terms.
    case grouped(TermGroups)
    /// One number that does not depend on any term.
    case constant(S)
  }

  var outcome: Outcome
  /// The shape of the result.
  var shape: Shape = .scalar
  /// The factor of every gradient.
  var scale: S = 1
  /// The factor of each term; nil means 1. For `grouped` it is the factor of its gradient only.
  var weights: [S]?
  /// The terms that do not count; nil means none.
  var removed: [Bool]?

  init(outcome: Outcome) { self.outcome = outcome }
}

/// Decides what becomes of each term of a call.
struct ReductionPlanner<S: LossScalar> {
  let call: EvaluationRequest<S>
  private var reduction: Reduction { call.reduction }

  /// The plan for the terms of a signature's pattern.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func plan(
    _ terms: TermWeights<S>, _ binding: AxisBinding, _ pattern: AxisCodes, count: Int
  ) throws(LossError) -> TermPlan<S> {
    let factor = try upstreamFactor
    if terms.isUniform, let factor, reduction.first == nil {
      if reduction.isScalar {
        return try uniformPlan(factor, binding, pattern, count: count)
      }
      if reduction.kind == .unreduced {
        var plan = TermPlan<S>(outcome: .terms)
        plan.shape = binding.shape(of: pattern)
        plan.scale = factor
        return plan
      }
    }
    if let factor, reduction.isScalar, reduction.first == nil {
      return try weightedPlan(terms, factor, shape: binding.shape(of: pattern))
    }
    return try groupedPlan(terms, shape: binding.shape(of: pattern))
  }

  private var upstreamFactor: S? {
    get throws(LossError) {
      guard let upstream = call.upstream else { return 1 }
      return upstream.count == 1 ? upstream[0] : nil
    }
  }

  private func uniformPlan(
    _ factor: S, _ binding: AxisBinding, _ pattern: AxisCodes, count: Int
  ) throws(LossError) -> TermPlan<S> {
    let divisor: Double
    switch reduction.kind {
    case .unreduced, .sum: divisor = 1
    case .mean, .weightedMean: divisor = Double(count)
    case .batchMean: divisor = count == 0 ? 0 : Double(binding.firstExtent(of: pattern) ?? 1)
    }
    return try quotient(factor, divisor)
  }

  private func weightedPlan(
    _ terms: TermWeights<S>, _ factor: S, shape: Shape
  ) throws(LossError) -> TermPlan<S> {
    var divisor = CompensatedSum()
    let sampleSize = max(1, shape.count / max(1, shape.extents.first ?? 1))
    var lastSample = -1
    for term in 0..<shape.count where !terms.isExcluded(term) {
      switch reduction.kind {
      case .unreduced, .sum: break
      case .mean: divisor.add(1)
      case .weightedMean: divisor.add(terms.normalizer(term))
      case .batchMean:
        if term / sampleSize != lastSample { divisor.add(1) }
        lastSample = term / sampleSize
      }
    }
    let isSum = reduction.kind == .sum
    var plan = try quotient(factor, isSum ? 1 : divisor.value)
    let isEmpty = divisor.value == 0 && !isSum
    let removed = (0..<shape.count).map {
      isEmpty || terms.isExcluded($0) || terms.weight($0) == 0
    }
    plan.weights = (0..<shape.count).map { removed[$0] ? 0 : terms.weight($0) }
    plan.removed = removed
    return plan
  }

  private func quotient(_ factor: S, _ divisor: Double) throws(LossError) -> TermPlan<S> {
    guard divisor == 0 else {
      var plan = TermPlan<S>(outcome: .quotient(by: divisor))
      plan.scale = S(Double(factor) / divisor)
      return plan
    }
    var plan = TermPlan<S>(outcome: .constant(try emptyValue()))
    plan.scale = 0
    return plan
  }

  /// What a mean of nothing is.
  func emptyValue() throws(LossError) -> S {
    switch reduction.whenEmpty {
    case .zero: return 0
    case .nan: return .nan
    case .refuse:
      let remover = call.input(.mask)?.role ?? call.input(.weight)?.role
      let leading = call.inputs.first
      throw LossError(
        .emptyInput,
        subject: remover?.name ?? leading?.role.name ?? Role.prediction.name,
        found: remover != nil || (leading?.shape.count ?? 0) > 0
          ? "leaves no term to take a \(reduction.kind.rawValue) of"
          : "has shape \(leading?.shape ?? .scalar), no element to take a"
            + " \(reduction.kind.rawValue) of",
        expected: "at least one term",
        hint: "Reduction sum gives 0, and when_empty can say zero or nan.")
    }
  }

  private func groupedPlan(
    _ terms: TermWeights<S>, shape: Shape
  ) throws(LossError) -> TermPlan<S> {
    let groups = try TermGroups(reduction, terms, shape: shape)
    if groups.isDead.contains(true) { _ = try emptyValue() }
    if let upstream = call.upstream, upstream.count != 1, upstream.count != groups.shape.count {
      throw LossError(
        .shapeMismatch, subject: "upstream", found: "has \(upstream.count) elements",
        expected: "1 or \(groups.shape.count), the number of elements of the result")
    }
    var plan = TermPlan<S>(outcome: .grouped(groups))
    plan.shape = groups.shape
    plan.removed = (0..<shape.count).map { term in
      terms.isExcluded(term) || terms.weight(term) == 0 || groups.isDead[groups.group(of: term)]
    }
    plan.weights = (0..<shape.count).map { term in
      let group = groups.group(of: term)
      guard plan.removed?[term] == false else { return 0 }
      let factor = call.upstream.map { Double($0.count == 1 ? $0[0] : $0[group]) } ?? 1
      return S(Double(terms.weight(term)) * factor / groups.divisor(of: term))
    }
    return plan
  }
}
