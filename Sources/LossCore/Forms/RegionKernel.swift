/// Evaluates a region formula in two passes over the data: one for the sums, one for the gradient.
///
/// Both passes process runs of one class, which are contiguous in memory or gathered into a row, so
/// that the loops vectorise.
@usableFromInline struct RegionKernel<Formula: RegionFormula, S: LossScalar> {
  @usableFromInline var formula: Formula
  /// The formula for regions whose sums overflow.
  @usableFromInline let smallFormula: Formula?
  /// Whether `formula` is the one for sums that overflow.
  @usableFromInline var isScaledDown = false
  @usableFromInline let context: KernelContext<S>
  @usableFromInline let layout: RegionLayout
  /// The selected classes and their weights.
  @usableFromInline let classes: RegionClasses
  /// Whether the prediction holds logits, to which the softmax over the classes is applied.
  @usableFromInline let isSoftmax: Bool
  @usableFromInline let prediction: UnsafePointer<S>
  /// The target, as real numbers or as class indices.
  @usableFromInline let target: UnsafePointer<S>?
  @usableFromInline let indices: UnsafePointer<Int>?
  /// The loops of the formula for the product of its Hessian; nil unless that is requested.
  @usableFromInline var secondOrder: RegionSecondOrder?

  /// Nil if a required input is missing, which validation rules out.
  @inlinable
  init?(
    _ formula: Formula, _ context: KernelContext<S>, _ region: RegionScope,
    _ classes: RegionClasses,
    isSoftmax: Bool
  ) {
    guard let prediction = context.real(0) else { return nil }
    self.formula = formula
    smallFormula = formula.scaledDown(for: S.self)
    self.context = context
    self.classes = classes
    self.isSoftmax = isSoftmax
    self.prediction = prediction
    target = context.real(1)
    indices = context.integers(1)
    guard target != nil || indices != nil else { return nil }
    layout = RegionLayout(
      region, context, needsClasses: isSoftmax || indices != nil || !classes.isAll)
  }

  /// Computes every term and every requested gradient.
  ///
  /// The threads share the segments or, if there are few, the chunks of each segment. In both cases
  /// the sums of a segment are those of its chunks, added in order.
  @inlinable
  func run() throws(LossError) {
    try layout.checkClasses(context)
    withUnsafeTemporaryAllocation(of: S.self, capacity: context.termCount) { memory in
      guard let values = memory.baseAddress else { return }
      let sharesSegments = layout.segments / 2 >= context.threads
      let segmentsInChunk =
        sharesSegments
        ? max(1, Blocks.elementsInChunk / max(1, layout.elements)) : max(1, layout.segments)
      let chunks = (layout.segments + segmentsInChunk - 1) / segmentsInChunk
      Workers.forEach(chunks, threads: context.threads) { chunk in
        let first = chunk * segmentsInChunk
        for segment in first..<min(layout.segments, first + segmentsInChunk) {
          evaluateTerms(segment, values, threads: sharesSegments ? 1 : context.threads)
        }
      }
      context.forEachBlock(elementsPerTerm: 1) { range, terms in
        for term in range { terms[term - range.lowerBound] = values[term] }
      }
    }
  }

  /// Computes the terms of a segment, and their gradient.
  @inlinable
  func evaluateTerms(_ segment: Int, _ values: UnsafeMutablePointer<S>, threads: Int) {
    let first = segment * layout.regions
    withUnsafeTemporaryAllocation(of: RegionTotals.self, capacity: layout.regions) { memory in
      guard let totals = memory.baseAddress else { return }
      totals.initialize(repeating: RegionTotals(), count: layout.regions)
      addSums(of: segment, to: totals, threads: threads)
      if let partial = context.partial {
        if partial.collectsRegions { addScaledSums(of: segment, threads: threads) }
        partial.exchange(
          totals, regions: layout.regions, sums: Formula.sumCount,
          hasScaledSums: smallFormula != nil)
      } else {
        replaceInfinite(totals, of: segment, threads: threads)
      }
      for region in 0..<layout.regions {
        let total = totals[region]
        let weight = layout.isPerClass ? weight(region) : 1
        let value = S(
          formula(for: total).value(total.values, count: Double(total.count)) * weight)
        values[first + region] = context.isRemoved(first + region) ? 0 : value
      }
      guard context.wantsGradient else { return }
      let chunks = chunks(of: segment)
      if let secondOrder {
        return RegionProduct(secondOrder, context, layout, classes, isSoftmax: isSoftmax)
          .write(totals, chunks, firstTerm: first, threads: threads)
      }
      Workers.forEach(chunks.count, threads: threads) { writeGradients(chunks.range($0), totals) }
    }
  }

  /// The formula that computed these sums.
  @inlinable @inline(__always)
  func formula(for total: RegionTotals) -> Formula {
    guard total.isScaledDown, let smallFormula else { return formula }
    return smallFormula
  }

  /// Adds the sums of the formula of smaller scale to the partial results: whether they are needed
  /// depends on all shards.
  @inlinable
  func addScaledSums(of segment: Int, threads: Int) {
    guard let smallFormula else { return }
    var kernel = self
    kernel.formula = smallFormula
    kernel.isScaledDown = true
    withUnsafeTemporaryAllocation(of: RegionTotals.self, capacity: layout.regions) { memory in
      guard let totals = memory.baseAddress else { return }
      totals.initialize(repeating: RegionTotals(), count: layout.regions)
      kernel.addSums(of: segment, to: totals, threads: threads)
    }
  }

  /// Recomputes sums that are not finite, with the formula of smaller scale.
  @inlinable
  func replaceInfinite(
    _ totals: UnsafeMutablePointer<RegionTotals>, of segment: Int, threads: Int
  ) {
    guard let smallFormula, !(0..<layout.regions).allSatisfy({ totals[$0].areFinite }) else {
      return
    }
    var kernel = self
    kernel.formula = smallFormula
    withUnsafeTemporaryAllocation(of: RegionTotals.self, capacity: layout.regions) { memory in
      guard let scaledTotals = memory.baseAddress else { return }
      scaledTotals.initialize(repeating: RegionTotals(), count: layout.regions)
      kernel.addSums(of: segment, to: scaledTotals, threads: threads)
      for region in 0..<layout.regions where !totals[region].areFinite {
        totals[region] = scaledTotals[region]
        totals[region].isScaledDown = true
      }
    }
  }

  /// Adds the sums of the chunks of a segment in order; with several threads, the sums of all
  /// chunks are stored first.
  @inlinable
  func addSums(
    of segment: Int, to totals: UnsafeMutablePointer<RegionTotals>, threads: Int
  ) {
    let chunks = chunks(of: segment)
    let regions = layout.regions
    let slots = threads > 1 ? chunks.count : min(1, chunks.count)
    withUnsafeTemporaryAllocation(of: RegionTotals.self, capacity: slots * regions) { memory in
      guard let chunkTotals = memory.baseAddress else { return }
      func fill(_ slot: Int, _ chunk: Int) {
        let slotTotals = chunkTotals + slot * regions
        slotTotals.initialize(repeating: RegionTotals(), count: regions)
        addSums(of: chunks.range(chunk), to: slotTotals)
      }
      if slots > 1 { Workers.forEach(chunks.count, threads: threads) { fill($0, $0) } }
      for chunk in 0..<chunks.count {
        let slot = slots > 1 ? chunk : 0
        if slots == 1 { fill(slot, chunk) }
        for region in 0..<regions { totals[region].add(chunkTotals[slot * regions + region]) }
      }
    }
  }

  /// The weight of a class, rounded to the element type.
  @inlinable
  func weight(_ index: Int) -> Double { Double(S(classes.weight(index))) }

  @inlinable
  func chunks(of segment: Int) -> RegionChunks {
    RegionChunks(
      start: segment * layout.positions, positions: layout.positions,
      size: layout.positionsInChunk(block: RegionRows<S>.length))
  }
}

/// The chunks of a segment, partitioned by index only.
@usableFromInline struct RegionChunks {
  @usableFromInline let start: Int
  @usableFromInline let positions: Int
  @usableFromInline let size: Int

  @inlinable
  init(start: Int, positions: Int, size: Int) {
    self.start = start
    self.positions = positions
    self.size = size
  }

  @inlinable var count: Int { (positions + size - 1) / size }

  /// The positions of a chunk.
  @inlinable
  func range(_ index: Int) -> Range<Int> {
    start + index * size..<start + min(positions, (index + 1) * size)
  }
}
