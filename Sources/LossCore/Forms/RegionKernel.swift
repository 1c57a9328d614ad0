/// The walk of a formula over the regions of a pass: once for the sums, and again for the gradient.
///
/// Everything is computed for runs of one class, so that neighbours in memory, or what was brought
/// together from the elements between other classes, are worked on side by side.
@usableFromInline struct RegionKernel<Formula: RegionFormula, S: LossScalar> {
  @usableFromInline var formula: Formula
  /// The formula for regions whose sums lie beyond the largest number.
  @usableFromInline let smallFormula: Formula?
  @usableFromInline let pass: KernelContext<S>
  @usableFromInline let layout: RegionLayout
  /// Which classes are measured.
  @usableFromInline let classes: RegionClasses
  /// Whether the prediction holds logits, and what counts is their softmax over the classes.
  @usableFromInline let isSoftmax: Bool
  @usableFromInline let prediction: UnsafePointer<S>
  /// The target, as numbers or as class indices.
  @usableFromInline let target: UnsafePointer<S>?
  @usableFromInline let indices: UnsafePointer<Int>?

  /// Nil if a needed input is not there, which the station does not let pass.
  @inlinable
  init?(
    _ formula: Formula, _ pass: KernelContext<S>, _ region: RegionScope, _ classes: RegionClasses,
    isSoftmax: Bool
  ) {
    guard let prediction = pass.real(0) else { return nil }
    self.formula = formula
    smallFormula = formula.scaledDown(for: S.self)
    self.pass = pass
    self.classes = classes
    self.isSoftmax = isSoftmax
    self.prediction = prediction
    target = pass.real(1)
    indices = pass.integers(1)
    guard target != nil || indices != nil else { return nil }
    layout = RegionLayout(
      region, pass, needsClasses: isSoftmax || indices != nil || !classes.isAll)
  }

  /// Computes every term, and every gradient that is wanted.
  ///
  /// Several threads share the segments or, where there are few, the chunks of each segment: the
  /// sums of a segment are those of its chunks, added in order, in both ways.
  @inlinable
  func run() throws(LossError) {
    try layout.checkClasses(pass)
    withUnsafeTemporaryAllocation(of: S.self, capacity: pass.termCount) { memory in
      guard let values = memory.baseAddress else { return }
      let sharesSegments = layout.segments / 2 >= pass.threads
      let segmentsInPiece =
        sharesSegments
        ? max(1, Blocks.elementsInChunk / max(1, layout.elements)) : max(1, layout.segments)
      let chunks = (layout.segments + segmentsInPiece - 1) / segmentsInPiece
      Workers.forEach(chunks, threads: pass.threads) { chunk in
        let first = chunk * segmentsInPiece
        for segment in first..<min(layout.segments, first + segmentsInPiece) {
          evaluateTerms(segment, values, threads: sharesSegments ? 1 : pass.threads)
        }
      }
      pass.forEachBlock(elementsPerTerm: 1) { range, terms in
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
      replaceInfinite(totals, of: segment, threads: threads)
      for region in 0..<layout.regions {
        let total = totals[region]
        let weight = layout.tellsClasses ? weight(region) : 1
        let value = S(
          formula(for: total).value(total.values, count: Double(total.count)) * weight)
        values[first + region] = pass.isRemoved(first + region) ? 0 : value
      }
      guard pass.wantsGradient else { return }
      let chunks = chunks(of: segment)
      Workers.forEach(chunks.count, threads: threads) { writeGradients(chunks.range($0), totals) }
    }
  }

  /// The formula whose sums these are.
  @inlinable @inline(__always)
  func formula(for total: RegionTotals) -> Formula {
    guard total.isScaledDown, let smallFormula else { return formula }
    return smallFormula
  }

  /// Sums the regions again, in a smaller scale, whose sums are not finite.
  @inlinable
  func replaceInfinite(
    _ totals: UnsafeMutablePointer<RegionTotals>, of segment: Int, threads: Int
  ) {
    guard let smallFormula, !(0..<layout.regions).allSatisfy({ totals[$0].areFinite }) else {
      return
    }
    var small = self
    small.formula = smallFormula
    withUnsafeTemporaryAllocation(of: RegionTotals.self, capacity: layout.regions) { memory in
      guard let again = memory.baseAddress else { return }
      again.initialize(repeating: RegionTotals(), count: layout.regions)
      small.addSums(of: segment, to: again, threads: threads)
      for region in 0..<layout.regions where !totals[region].areFinite {
        totals[region] = again[region]
        totals[region].isScaledDown = true
      }
    }
  }

  /// Adds the chunks of a segment in order; several threads need room for all of them.
  @inlinable
  func addSums(
    of segment: Int, to totals: UnsafeMutablePointer<RegionTotals>, threads: Int
  ) {
    let chunks = chunks(of: segment)
    let regions = layout.regions
    let places = threads > 1 ? chunks.count : min(1, chunks.count)
    withUnsafeTemporaryAllocation(of: RegionTotals.self, capacity: places * regions) { memory in
      guard let parts = memory.baseAddress else { return }
      func fill(_ place: Int, _ chunk: Int) {
        let part = parts + place * regions
        part.initialize(repeating: RegionTotals(), count: regions)
        addSums(of: chunks.range(chunk), to: part)
      }
      if places > 1 { Workers.forEach(chunks.count, threads: threads) { fill($0, $0) } }
      for chunk in 0..<chunks.count {
        let place = places > 1 ? chunk : 0
        if places == 1 { fill(place, chunk) }
        for region in 0..<regions { totals[region].add(parts[place * regions + region]) }
      }
    }
  }

  /// What a class weighs, as the element holds it.
  @inlinable
  func weight(_ index: Int) -> Double { Double(S(classes.weight(index))) }

  @inlinable
  func chunks(of segment: Int) -> RegionChunks {
    RegionChunks(
      start: segment * layout.positions, positions: layout.positions,
      size: layout.positionsInChunk(block: RegionRows<S>.length))
  }
}

/// The pieces of a segment that one thread works on, cut by index alone.
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
