extension FormLoss {
  /// Evaluates in `Float`.
  @export(interface)
  public func evaluate(_ call: EvaluationRequest<Float>) throws(LossError) -> LossOutcome<Float> {
    try flow(call)
  }
  /// Evaluates in `Double`.
  @export(interface)
  public func evaluate(_ call: EvaluationRequest<Double>) throws(LossError) -> LossOutcome<Double> {
    try flow(call)
  }

  /// The whole flow: check the inputs, plan the reduction, walk the data, reduce.
  ///
  /// Inlined into the two functions above, so that it is compiled for both elements, here and nowhere
  /// else.
  @inline(__always)
  private func flow<S: ComputeScalar>(_ call: EvaluationRequest<S>) throws(LossError)
    -> LossOutcome<S>
  {
    do throws(LossError) {
      try options.validate()
      if call.order == .second { try call.refuseSecondDerivative(of: self) }
      return try ValidatedInputs.with(call, signature) { (inputs) throws(LossError) in
        try inputs.validate()
        if let count = inputs.classCount { try check(classCount: count) }
        var weights = try TermWeights(&inputs)
        if hasTermWeights { termWeights(inputs, into: &weights) }
        let count = inputs.termCount
        let plan = try ReductionPlanner(call: call).plan(
          weights, inputs.binding, inputs.signature.termCodes, count: count)
        let mask = try inputs.elementMask()
        try inputs.checkClasses(ignoring: ignoredClass, removed: plan.removed)
        return try withUnsafePointer(to: inputs.binding) { (binding) throws(LossError) in
          try plan.execute(call, count: count) {
            (terms, sum, weights, removed) throws(LossError) in
            try S.run(
              self,
              KernelContext(
                inputs, binding, termCount: count, threads: call.threads, order: call.order,
                scale: plan.scale, weights: weights, removed: removed, elementMask: mask,
                terms: terms, sum: sum))
          }
        }
      }
    } catch {
      throw error.named(name)
    }
  }

  /// Asks the loss what each term weighs by its own target.
  @inline(__always)
  private func termWeights<S: ComputeScalar>(
    _ inputs: ValidatedInputs<S>, into weights: inout TermWeights<S>
  ) {
    var termWeights = Array(repeating: 1 as S, count: inputs.termCount)
    var sum = CompensatedSum()
    weights.removedByCaller().withPointer { removed in
      withUnsafePointer(to: inputs.binding) { binding in
        withUnsafeMutablePointer(to: &sum) { sum in
          let pass = KernelContext(
            inputs, binding, termCount: termWeights.count, threads: 1, scale: 1, weights: nil,
            removed: removed, elementMask: nil, terms: nil, sum: sum)
          S.termWeights(self, pass, into: &termWeights)
        }
      }
    }
    weights.apply(termWeights)
  }
}

extension EvaluationRequest {
  package func refuseSecondDerivative(of loss: some LossProtocol) throws(LossError) {
    for gradient in gradients where !loss.rolesWithSecondDerivative.contains(gradient.role) {
      let roles = loss.rolesWithSecondDerivative.map(\.name)
      throw LossError(
        .unknownInput, subject: gradient.role.name, found: "has no second derivative",
        expected: roles.isEmpty ? "only values and gradients" : roles.joined(separator: ", "))
    }
  }
}

extension TermPlan {
  /// Gives the form a place for its terms, and makes the result of what it leaves there.
  @inline(__always)
  func execute(
    _ call: EvaluationRequest<S>, count: Int,
    _ run: (
      UnsafeMutablePointer<S>?, UnsafeMutablePointer<CompensatedSum>, UnsafePointer<S>?,
      UnsafePointer<Bool>?
    ) throws(LossError) -> Void
  ) throws(LossError) -> LossOutcome<S> {
    var sum = call.total
    var terms: [S]?
    switch outcome {
    case .quotient, .constant: break
    case .terms, .grouped: terms = Array(repeating: 0, count: count)
    }
    try weights.withPointer { (weights) throws(LossError) in
      try removed.withPointer { (removed) throws(LossError) in
        try terms.withMutablePointer { (results) throws(LossError) in
          try withUnsafeMutablePointer(to: &sum) { (sum) throws(LossError) in
            try run(results, sum, weights, removed)
          }
        }
      }
    }
    var result: LossOutcome<S>
    switch outcome {
    case .quotient(let divisor): result = LossOutcome(S(sum.value / divisor))
    case .constant(let constant): result = LossOutcome(constant)
    case .terms: result = LossOutcome(terms ?? [], shape)
    case .grouped(let groups):
      let empty =
        groups.isDead.contains(true) ? try ReductionPlanner(call: call).emptyValue() : 0
      result = LossOutcome(groups.reduce(terms ?? [], empty: empty), shape)
    }
    result.total = sum
    return result
  }
}
