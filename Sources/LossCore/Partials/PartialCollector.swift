package import LossNumerics
internal import Synchronization

/// Goes with a request through the losses that it is evaluated by: collects the sums of a shard, gives
/// the sums of the whole to the evaluation of a shard, or lets processes share a batch.
@usableFromInline package final class PartialCollector {
  /// The sums of all data; nil if those of the request are collected.
  package let whole: PartialSums?
  /// Whether only the value of the whole is computed, without any data.
  package let isValueOnly: Bool
  private let sums = Mutex(PartialSums())
  private var parts: [PartialCollector?] = []
  /// Whether the terms are added, rather than sums that the kernel knows.
  private var addsTerms = false
  /// This collector, for a loss whose kernel knows the sums.
  var forKernel: PartialCollector? { addsTerms ? nil : self }
  /// The samples of each process, if the request is one for a batch that processes share.
  @usableFromInline private(set) var share: SampleShare?
  /// The element, the reduction and the loss that the request was resolved to.
  var resolved: (element: ElementType, reduction: Reduction, loss: ConfiguredLoss)?

  /// Collects the sums of a request.
  package init() {
    whole = nil
    isValueOnly = false
  }

  /// Evaluates a batch together with other processes.
  init(_ share: SampleShare) {
    whole = nil
    isValueOnly = false
    self.share = share
  }

  /// Evaluates with the sums of all data.
  package init(given whole: PartialSums, isValueOnly: Bool = false) {
    self.whole = whole
    self.isValueOnly = isValueOnly
  }

  /// The collector of one of the losses that a loss is made of.
  package func part(_ index: Int) -> PartialCollector {
    if let share { return PartialCollector(share) }
    while parts.count <= index { parts.append(nil) }
    if let part = parts[index] { return part }
    let part: PartialCollector
    if let whole {
      part = PartialCollector(
        given: index < whole.parts.count ? whole.parts[index] : PartialSums(),
        isValueOnly: isValueOnly)
    } else {
      part = PartialCollector()
    }
    parts[index] = part
    return part
  }

  /// The sums of the request.
  package var collected: PartialSums {
    var collected = sums.withLock { $0 }
    collected.parts = parts.map { $0?.collected ?? PartialSums() }
    return collected
  }

  /// Whether the kernel adds the sums of regions.
  @usableFromInline var collectsRegions: Bool { whole == nil }
}

// The terms.

extension PartialCollector {
  /// The plan for a shard: that of all data, with the divisor of all data if it is known.
  @inline(never)
  func plan<S: LossScalar>(
    _ loss: some FormLoss, _ inputs: ValidatedInputs<S>, _ weights: TermWeights<S>
  ) throws(LossError) -> TermPlan<S> {
    let request = inputs.request
    let planner = ReductionPlanner(request: request)
    guard share == nil else {
      return try planner.plan(
        weights, inputs.binding, inputs.signature.termCodes, count: inputs.termCount)
    }
    guard loss.partialForm == .terms else {
      if let view = request.input(.weight) {
        throw LossError(
          .unknownInput, subject: view.role.name,
          found: "weights a term that extends over several shards", expected: "no weight",
          hint: "Class weights are an option of the loss.")
      }
      setClassCount(inputs.classCount)
      return try planner.plan(
        weights, inputs.binding, inputs.signature.termCodes, count: inputs.termCount)
    }
    addsTerms = true
    let shape = inputs.termShape
    var plan = try planner.partialPlan(weights, shape: shape, given: whole?.divisor.value) {
      divisor, count in
      guard whole == nil else { return }
      sums.withLock {
        $0.divisor.add(divisor)
        $0.termCount += count
      }
    }
    if let whole { plan.outcome = .constant(try whole.value(of: request, in: S.self)) }
    setClassCount(inputs.classCount)
    return plan
  }

  private func setClassCount(_ count: Int?) { sums.withLock { $0.classCount = count ?? 0 } }

  /// Adds the terms of a shard.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func add<S: LossScalar>(_ terms: [S], weights: [S]?, threads: Int) {
    let size = Blocks.elementsInChunk
    terms.withUnsafeBufferPointer { terms in
      weights.withPointer { weights in
        guard let start = terms.baseAddress else { return }
        Workers.forEach((terms.count + size - 1) / size, threads: threads) { chunk in
          let first = chunk * size
          let count = min(size, terms.count - first)
          var sum = ExactAccumulator()
          if let weights {
            sum.add(start + first, weights: weights + first, count: count)
          } else {
            sum.add(start + first, count: count)
          }
          sums.withLock { $0.sum.add(sum) }
        }
      }
    }
  }

  /// Adds one term of a loss that counts its terms itself.
  package func add(term: Double) {
    sums.withLock {
      $0.sum.add(term)
      $0.divisor.add(1)
      $0.termCount += 1
    }
  }

  /// Adds the results of the groups of a preceding stage.
  func add(_ numbers: [Double]) {
    sums.withLock { for number in numbers { $0.sum.add(number) } }
  }
}

// The sums of regions.

extension PartialCollector {
  /// Calls a function with an accumulator for each sum of each region, of a chunk of the data, and
  /// adds them. Several threads may call it at once.
  @usableFromInline
  func withAccumulators(
    regions: Int, sums count: Int, isScaledDown: Bool,
    _ body: (UnsafeMutablePointer<ExactAccumulator>) -> Void
  ) {
    var accumulators = Array(repeating: ExactAccumulator(), count: regions * count)
    accumulators.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { body(start) }
    }
    sums.withLock { sums in
      sums.prepare(regions)
      for region in 0..<regions {
        let added = accumulators[region * count..<(region + 1) * count]
        if isScaledDown {
          Self.add(added, to: &sums.regions[region].scaledSums)
        } else {
          Self.add(added, to: &sums.regions[region].sums)
        }
      }
    }
  }

  private static func add(
    _ added: ArraySlice<ExactAccumulator>, to sums: inout [ExactAccumulator]
  ) {
    guard !sums.isEmpty else {
      sums = Array(added)
      return
    }
    for (index, accumulator) in added.enumerated() { sums[index].add(accumulator) }
  }

  /// Adds the numbers of elements of the regions; or replaces all totals by those of the whole.
  @usableFromInline
  func exchange(
    _ totals: UnsafeMutablePointer<RegionTotals>, regions: Int, sums count: Int,
    hasScaledSums: Bool
  ) {
    guard let whole else {
      sums.withLock { sums in
        sums.prepare(regions)
        for region in 0..<regions {
          sums.regions[region].count += totals[region].count
          // A shard without elements has sums too.
          let zeros = Array(repeating: ExactAccumulator(), count: count)
          if sums.regions[region].sums.isEmpty { sums.regions[region].sums = zeros }
          if hasScaledSums, sums.regions[region].scaledSums.isEmpty {
            sums.regions[region].scaledSums = zeros
          }
        }
      }
      return
    }
    for region in 0..<min(regions, whole.regions.count) {
      totals[region] = whole.regions[region].totals()
    }
  }
}

extension PartialSums {
  fileprivate mutating func prepare(_ count: Int) {
    if regions.isEmpty { regions = Array(repeating: Region(), count: count) }
  }

  /// The reduced sum of the terms.
  func value<S: LossScalar>(
    of request: EvaluationRequest<S>, in type: S.Type
  ) throws(LossError) -> S {
    guard request.reduction.kind != .sum else { return sum.rounded(to: S.self) }
    let divisor = divisor.value
    guard divisor == 0 else { return S(sum.value / divisor) }
    switch request.reduction.whenEmpty {
    case .zero: return 0
    case .nan: return .nan
    case .refuse:
      throw LossError(
        .emptyInput, subject: "partial",
        found: "has no terms for reduction \(request.reduction.kind.rawValue)",
        expected: "at least one term in all shards",
        hint: "Reduction sum gives 0; or set when_empty to zero or nan.")
    }
  }
}

extension FormLoss {
  /// The value of all data from their sums, for a request without data; nil for any other request.
  @inline(never)
  func valueOfPartials<S: ComputeScalar>(
    _ request: EvaluationRequest<S>
  ) throws(LossError) -> LossOutcome<S>? {
    guard let collector = request.partial, collector.isValueOnly, let whole = collector.whole else {
      return nil
    }
    guard partialForm != .terms else {
      return LossOutcome(try whole.value(of: request, in: S.self))
    }
    // The formula of the sums is evaluated by the kernel, on no samples.
    let shape =
      signature.classAxis == nil ? Shape(trusted: [0]) : Shape(trusted: [0, whole.classCount ?? 0])
    let views = signature.inputs.filter { !$0.isOptional }.map { input in
      InputView(role: input.role, shape: shape, element: S.element, pointer: nil)
    }
    return try views.withUnsafeBufferPointer { (views) throws(LossError) in
      try [GradientView<S>]().withUnsafeBufferPointer { (gradients) throws(LossError) in
        var empty = EvaluationRequest<S>(
          views, gradients: gradients, reduction: request.reduction, threads: 1)
        empty.domainChecks = .none
        empty.partial = PartialCollector(given: whole)
        return try S.evaluate(self, empty)
      }
    }
  }
}
