internal import Synchronization

extension FormLoss {
  /// Evaluates in `Float`.
  @export(interface)
  public func evaluate(
    _ request: EvaluationRequest<Float>
  ) throws(LossError) -> LossOutcome<Float> {
    try evaluateForm(request)
  }
  /// Evaluates in `Double`.
  @export(interface)
  public func evaluate(
    _ request: EvaluationRequest<Double>
  ) throws(LossError) -> LossOutcome<Double> {
    try evaluateForm(request)
  }

  /// The whole evaluation: validate the inputs, plan the reduction, run the kernel, reduce.
  ///
  /// Inlined into the two functions above, so that it is compiled once per element type.
  @inline(__always)
  private func evaluateForm<S: ComputeScalar>(
    _ request: EvaluationRequest<S>
  ) throws(LossError) -> LossOutcome<S> {
    do throws(LossError) {
      try options.validate()
      if request.partial != nil, let outcome = try valueOfPartials(request) { return outcome }
      if request.order != .first { try request.refuseSecondOrder(of: self) }
      return try ValidatedInputs.with(request, signature) { (inputs) throws(LossError) in
        // A vector is not read in parts.
        let layout = request.order == .hessianVectorProduct ? nil : termLayout
        try inputs.validate(layout: layout)
        if let count = inputs.classCount { try check(classCount: count) }
        let parts = inputs.parts(layout, convertsAllButFirst: hasTermWeights)
        if parts == nil { inputs.allocateGradients() }
        var weights = try TermWeights(&inputs)
        if hasTermWeights { termWeights(inputs, into: &weights) }
        let count = inputs.termCount
        let vectors = try inputs.vectors()
        let plan: TermPlan<S>
        if let partial = request.partial {
          plan = try partial.plan(self, inputs, weights)
        } else {
          plan = try ReductionPlanner(request: request).plan(
            weights, inputs.binding, inputs.signature.termCodes, count: count)
        }
        let mask = try inputs.elementMask()
        try inputs.checkClasses(ignoring: ignoredClass, removed: plan.removed)
        // Small inputs are checked now, large ones block by block, in the pass that reads them.
        let scan = DomainScan(
          inputs.hasDomains
            ? try inputs.checkSmallDomains(
              inBlocks: termLayout != nil, removed: plan.removed, mask: mask) : [])
        var isSuspect = false
        let outcome = try withUnsafePointer(to: inputs.binding) { (binding) throws(LossError) in
          try withUnsafePointer(to: scan) { (domains) throws(LossError) in
            try plan.execute(request, count: count) {
              (terms, sum, weights, removed) throws(LossError) in
              let context = KernelContext(
                inputs, binding, termCount: count, threads: request.threads,
                order: request.order, vectors: vectors,
                usesAutomaticDerivatives: request.usesAutomaticDerivatives, scale: plan.scale,
                weights: weights, removed: removed,
                elementMask: mask, terms: terms, sum: sum,
                domains: scan.items.isEmpty ? nil : domains,
                partial: request.partial?.forKernel)
              if let parts {
                isSuspect = try context.run(in: parts, inputs.storedMemory()) {
                  (part) throws(LossError) in try S.run(self, part)
                }
              } else {
                try S.run(self, context)
              }
            }
          }
        }
        if isSuspect {
          inputs.convertAll()
          _ = try inputs.checkSmallDomains(inBlocks: false, removed: plan.removed, mask: mask)
        }
        if !scan.items.isEmpty, scan.isSuspect.load(ordering: .relaxed) {
          try inputs.checkDomains(scan.items, removed: plan.removed, mask: mask)
        }
        if parts == nil { inputs.writeGradients() }
        return outcome
      }
    } catch {
      throw explained(error, from: signature).named(name)
    }
  }

  /// Combines the weights from the loss with those from the caller.
  @inline(__always)
  private func termWeights<S: ComputeScalar>(
    _ inputs: ValidatedInputs<S>, into weights: inout TermWeights<S>
  ) {
    var termWeights = Array(repeating: 1 as S, count: inputs.termCount)
    var sum = CompensatedSum()
    weights.removedByCaller().withPointer { removed in
      withUnsafePointer(to: inputs.binding) { binding in
        withUnsafeMutablePointer(to: &sum) { sum in
          let context = KernelContext(
            inputs, binding, termCount: termWeights.count, threads: 1, scale: 1, weights: nil,
            removed: removed, elementMask: nil, terms: nil, sum: sum)
          S.termWeights(self, context, into: &termWeights)
        }
      }
    }
    weights.apply(termWeights)
  }
}

extension TermPlan {
  /// Runs the form with memory for its terms, and reduces them to the result.
  @inline(__always)
  func execute(
    _ request: EvaluationRequest<S>, count: Int,
    _ run: (
      UnsafeMutablePointer<S>?, UnsafeMutablePointer<CompensatedSum>, UnsafePointer<S>?,
      UnsafePointer<Bool>?
    ) throws(LossError) -> Void
  ) throws(LossError) -> LossOutcome<S> {
    var sum = request.total
    var terms: [S]?
    switch outcome {
    case .quotient, .constant: break
    case .terms, .grouped, .partial: terms = Array(repeating: 0, count: count)
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
    case .partial(let groups):
      result = LossOutcome(0)
      if let groups {
        request.partial?.add(groups.intermediates(terms ?? []))
      } else {
        request.partial?.add(terms ?? [], weights: weights, threads: request.threads)
      }
    case .grouped(let groups):
      let empty =
        groups.isEmptyMean.contains(true) ? try ReductionPlanner(request: request).emptyValue() : 0
      result = LossOutcome(groups.reduce(terms ?? [], empty: empty), shape)
    }
    result.total = sum
    return result
  }
}
