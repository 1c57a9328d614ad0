/// The factor of each term in the result and in the gradient, decided before the terms are computed
/// so that value and gradient take one pass over the data.
struct TermPlan<S: LossScalar> {
  /// How the result is computed.
  enum Outcome {
    /// One number: the weighted sum of all terms, divided by a constant.
    case quotient(by: Double)
    /// The terms themselves.
    case terms
    /// Sums over groups of terms.
    case grouped(TermGroups)
    /// The exact sum of the terms, or of the results of a preceding stage.
    case partial(TermGroups?)
    /// One number that does not depend on any term.
    case constant(S)
  }

  var outcome: Outcome
  /// The shape of the result.
  var shape: Shape = .scalar
  /// The common factor of all gradients.
  var scale: S = 1
  /// The factor of each term; nil means 1. For `grouped` it applies to the gradient only.
  var weights: [S]?
  /// Whether each term is removed; nil means none is.
  var removed: [Bool]?

  init(outcome: Outcome) { self.outcome = outcome }
}

/// Makes the `TermPlan` of a request.
struct ReductionPlanner<S: LossScalar> {
  let request: EvaluationRequest<S>
  private var reduction: Reduction { request.reduction }

  /// The plan for the terms of a signature's pattern.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func plan(
    _ terms: TermWeights<S>, _ binding: AxisBinding, _ pattern: AxisCodes, count: Int
  ) throws(LossError) -> TermPlan<S> {
    let factor = try upstreamFactor
    if terms.isUniform, let factor, reduction.preceding == nil {
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
    if let factor, reduction.isScalar, reduction.preceding == nil {
      return try weightedPlan(terms, factor, shape: binding.shape(of: pattern))
    }
    return try groupedPlan(terms, shape: binding.shape(of: pattern))
  }

  private var upstreamFactor: S? {
    get throws(LossError) {
      guard let upstream = request.upstream else { return 1 }
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

  /// Calls a function with everything that a term adds to the divisor.
  private func forEachDivisor(
    _ terms: TermWeights<S>, shape: Shape, _ add: (Double) -> Void
  ) {
    let sampleSize = max(1, shape.count / max(1, shape.extents.first ?? 1))
    var lastSample = -1
    for term in 0..<shape.count where !terms.isExcluded(term) {
      switch reduction.kind {
      case .unreduced, .sum: break
      case .mean: add(1)
      case .weightedMean: add(terms.normalizer(term))
      case .batchMean:
        if term / sampleSize != lastSample { add(1) }
        lastSample = term / sampleSize
      }
    }
  }

  private func weightedPlan(
    _ terms: TermWeights<S>, _ factor: S, shape: Shape
  ) throws(LossError) -> TermPlan<S> {
    var divisor = CompensatedSum()
    forEachDivisor(terms, shape: shape) { divisor.add($0) }
    let isSum = reduction.kind == .sum
    var plan = try quotient(factor, isSum ? 1 : divisor.value, terms)
    let isEmpty = divisor.value == 0 && !isSum
    let removed = (0..<shape.count).map {
      isEmpty || terms.isExcluded($0) || terms.weight($0) == 0
    }
    plan.weights = (0..<shape.count).map { removed[$0] ? 0 : terms.weight($0) }
    plan.removed = removed
    return plan
  }

  private func quotient(
    _ factor: S, _ divisor: Double, _ terms: TermWeights<S>? = nil
  ) throws(LossError) -> TermPlan<S> {
    guard divisor == 0 else {
      var plan = TermPlan<S>(outcome: .quotient(by: divisor))
      plan.scale = S(Double(factor) / divisor)
      return plan
    }
    var plan = TermPlan<S>(outcome: .constant(try emptyValue(terms)))
    plan.scale = 0
    return plan
  }

  /// The mean of no terms.
  func emptyValue(_ terms: TermWeights<S>? = nil) throws(LossError) -> S {
    switch reduction.whenEmpty {
    case .zero: return 0
    case .nan: return .nan
    case .refuse: throw emptyError(terms)
    }
  }

  /// The error for a mean of no terms: in the name of the input that removes them.
  private func emptyError(_ terms: TermWeights<S>?) -> LossError {
    let kind = reduction.kind.rawValue
    let expected = "at least one term"
    let hint = "Reduction sum gives 0; or set when_empty to zero or nan."
    let hasRemover =
      terms?.termWeights != nil || request.input(.mask) != nil || request.input(.weight) != nil
    guard let leading = request.inputs.first, leading.shape.count > 0, hasRemover else {
      let shape = request.inputs.first?.shape ?? .scalar
      return LossError(
        .emptyInput, subject: request.inputs.first?.role.name ?? Role.prediction.name,
        found: "has shape \(shape), which gives no terms for reduction \(kind)",
        expected: expected, hint: hint)
    }
    let isLoss = terms?.termWeights?.allSatisfy { $0 <= 0 } ?? false
    var remover: Role?
    if !isLoss {
      let isWeight = terms?.weights?.allSatisfy { $0 == 0 } ?? false
      remover = (isWeight ? nil : request.input(.mask)?.role) ?? request.input(.weight)?.role
    }
    let target = request.inputs.count > 1 ? request.inputs[1].role : leading.role
    return LossError(
      .emptyInput, subject: (remover ?? target).name,
      found: "leaves no terms for reduction \(kind)", expected: expected,
      hint: remover == nil ? "The loss ignores each term or weights it by 0. " + hint : hint)
  }

  /// The plan for one of several shards: it collects the terms; or, given the divisor of all
  /// shards, it scales the gradients.
  ///
  /// - Parameter collect: is called with the divisor and the number of terms of the shard.
  func partialPlan(
    _ terms: TermWeights<S>, shape: Shape, given whole: Double?,
    _ collect: (_ divisor: ExactAccumulator, _ count: Int) -> Void
  ) throws(LossError) -> TermPlan<S> {
    guard let factor = try upstreamFactor, reduction.isScalar else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is \(reduction.optionValue.text)",
        expected: "a reduction to one number, of which shards have a part")
    }
    let isSum = reduction.kind == .sum
    let divisor = isSum ? 1 : whole
    let count = terms.excluded.map { $0.count { !$0 } } ?? shape.count
    if reduction.preceding != nil {
      var groups = try TermGroups(reduction, terms, shape: shape)
      guard groups.keepsSamples else {
        throw LossError(
          .invalidOption, subject: "reduction", found: "combines samples before it is reduced",
          expected: "a preceding stage over other axes than the first")
      }
      collect(groups.exactDivisor, count)
      if let divisor { groups.setDivisor(divisor) } else { groups.setDivisor(1) }
      var plan = try groupedPlan(terms, shape: shape, groups)
      plan.outcome = .partial(groups)
      return plan
    }
    var exact = ExactAccumulator()
    if terms.isUniform, reduction.kind != .batchMean {
      if !isSum { exact.add(Double(count)) }
    } else if terms.isUniform {
      exact.add(shape.count == 0 ? 0 : Double(shape.extents.first ?? 1))
    } else {
      forEachDivisor(terms, shape: shape) { exact.add($0) }
    }
    collect(exact, count)
    var plan = TermPlan<S>(outcome: .partial(nil))
    if let divisor { plan.scale = divisor == 0 ? 0 : S(Double(factor) / divisor) }
    guard !terms.isUniform || divisor == 0 else { return plan }
    let removed = (0..<shape.count).map {
      divisor == 0 || terms.isExcluded($0) || terms.weight($0) == 0
    }
    plan.weights = (0..<shape.count).map { removed[$0] ? 0 : terms.weight($0) }
    plan.removed = removed
    return plan
  }

  private func groupedPlan(
    _ terms: TermWeights<S>, shape: Shape
  ) throws(LossError) -> TermPlan<S> {
    let groups = try TermGroups(reduction, terms, shape: shape)
    if groups.isEmptyMean.contains(true) { _ = try emptyValue(terms) }
    return try groupedPlan(terms, shape: shape, groups)
  }

  private func groupedPlan(
    _ terms: TermWeights<S>, shape: Shape, _ groups: TermGroups
  ) throws(LossError) -> TermPlan<S> {
    if let upstream = request.upstream, upstream.count != 1, upstream.count != groups.shape.count {
      throw LossError(
        .shapeMismatch, subject: "upstream", found: "has \(upstream.count) elements",
        expected: "1 or \(groups.shape.count), the number of elements of the result")
    }
    var plan = TermPlan<S>(outcome: .grouped(groups))
    plan.shape = groups.shape
    plan.removed = (0..<shape.count).map { term in
      terms.isExcluded(term) || terms.weight(term) == 0
        || groups.isEmptyMean[groups.group(of: term)]
    }
    plan.weights = (0..<shape.count).map { term in
      let group = groups.group(of: term)
      guard plan.removed?[term] == false else { return 0 }
      let factor = request.upstream.map { Double($0.count == 1 ? $0[0] : $0[group]) } ?? 1
      return S(Double(terms.weight(term)) * factor / groups.divisor(of: term))
    }
    return plan
  }
}
