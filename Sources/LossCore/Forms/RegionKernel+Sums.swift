extension RegionKernel {
  /// Adds the summands of a range of positions to the regions of their segment, and to the exact
  /// sums of partial results if they are collected.
  @inlinable
  func addSums(of range: Range<Int>, to totals: UnsafeMutablePointer<RegionTotals>) {
    guard let partial = context.partial, partial.collectsRegions else {
      return addSummands(of: range, to: totals)
    }
    partial.withAccumulators(
      regions: layout.regions, sums: Formula.sumCount, isScaledDown: isScaledDown
    ) { accumulators in
      for region in 0..<layout.regions {
        totals[region].accumulators = accumulators + region * Formula.sumCount
      }
      addSummands(of: range, to: totals)
      for region in 0..<layout.regions { totals[region].accumulators = nil }
    }
  }

  /// Adds the summands of a range of positions to the regions of their segment.
  @inlinable
  func addSummands(of range: Range<Int>, to totals: UnsafeMutablePointer<RegionTotals>) {
    withProbabilities(range) { rows, table in
      layout.forEachRun(range, block: RegionRows<S>.length) { run in
        if isSoftmax { table(run).fillSoftmax(of: prediction, layout, run, in: rows.others) }
        for j in 0..<layout.classes where classes.selection.contains(j) {
          let p =
            isSoftmax
            ? UnsafePointer(table(run).row(j))
            : layout.column(of: prediction, run, j, rows.prediction)
          if let target { layout.prefetchNext(target, run, j) }
          let t = target(run, j, rows)
          add(run, j, p, t, rows.sums, to: &totals[layout.isPerClass ? j : 0])
        }
      }
    }
  }

  /// Adds one run of a class. The summands are written to rows before they are added, so that both
  /// loops vectorise. Summands that are inputs are added in place, unless a mask or a weight
  /// changes them.
  @inlinable @inline(__always)
  func add(
    _ run: RegionRun, _ j: Int, _ p: UnsafePointer<S>, _ t: UnsafePointer<S>,
    _ rows: FourRows<S>, to total: inout RegionTotals
  ) {
    let sources = Formula.sources
    let weight = layout.isPerClass ? 1 : S(classes.weight(j))
    total.count += run.count
    if context.elementMask == nil, weight == 1 {
      fill(rows, run.count, p, t, exceptInputs: true)
      add(
        (
          row(sources.0, rows.first, p, t), row(sources.1, rows.second, p, t),
          row(sources.2, rows.third, p, t), row(sources.3, rows.fourth, p, t)
        ), run.count, to: &total)
    } else {
      fill(rows, run.count, p, t, exceptInputs: false)
      if weight != 1 { multiply(rows, run.count, by: weight) }
      forEachMasked(run, j) { i in
        rows.first[i] = 0
        if Formula.sumCount > 1 { rows.second[i] = 0 }
        if Formula.sumCount > 2 { rows.third[i] = 0 }
        if Formula.sumCount > 3 { rows.fourth[i] = 0 }
        total.count -= 1
      }
      add(
        (
          UnsafePointer(rows.first), UnsafePointer(rows.second), UnsafePointer(rows.third),
          UnsafePointer(rows.fourth)
        ), run.count, to: &total)
    }
  }

  /// Writes the summands of a run: all of them, or only those that are not inputs.
  @inlinable @inline(__always)
  func fill(
    _ rows: FourRows<S>, _ count: Int, _ p: UnsafePointer<S>, _ t: UnsafePointer<S>,
    exceptInputs: Bool
  ) {
    let used = Formula.sumCount
    let sources = Formula.sources
    for i in 0..<count {
      let summands = formula.summands(p[i], t[i])
      if !exceptInputs || sources.0 == .computed { rows.first[i] = summands.0 }
      if used > 1, !exceptInputs || sources.1 == .computed { rows.second[i] = summands.1 }
      if used > 2, !exceptInputs || sources.2 == .computed { rows.third[i] = summands.2 }
      if used > 3, !exceptInputs || sources.3 == .computed { rows.fourth[i] = summands.3 }
    }
  }

  @inlinable @inline(__always)
  func row(
    _ source: RegionSource, _ computed: UnsafeMutablePointer<S>, _ p: UnsafePointer<S>,
    _ t: UnsafePointer<S>
  ) -> UnsafePointer<S> {
    switch source {
    case .computed: UnsafePointer(computed)
    case .prediction: p
    case .target: t
    }
  }

  @inlinable @inline(__always)
  func add(
    _ rows: (UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>, UnsafePointer<S>),
    _ count: Int, to total: inout RegionTotals
  ) {
    if let exact = total.accumulators {
      exact[0].add(rows.0, count: count)
      if Formula.sumCount > 1 { exact[1].add(rows.1, count: count) }
      if Formula.sumCount > 2 { exact[2].add(rows.2, count: count) }
      if Formula.sumCount > 3 { exact[3].add(rows.3, count: count) }
    }
    total.sums.0.add(BlockedSum.sum(rows.0, count: count))
    if Formula.sumCount > 1 { total.sums.1.add(BlockedSum.sum(rows.1, count: count)) }
    if Formula.sumCount > 2 { total.sums.2.add(BlockedSum.sum(rows.2, count: count)) }
    if Formula.sumCount > 3 { total.sums.3.add(BlockedSum.sum(rows.3, count: count)) }
  }

  /// Multiplies the summands of a class by its weight, for regions of several classes.
  @inlinable @inline(__always)
  func multiply(_ rows: FourRows<S>, _ count: Int, by weight: S) {
    for i in 0..<count {
      rows.first[i] *= weight
      if Formula.sumCount > 1 { rows.second[i] *= weight }
      if Formula.sumCount > 2 { rows.third[i] *= weight }
      if Formula.sumCount > 3 { rows.fourth[i] *= weight }
    }
  }

  /// Calls a function for each index of a run that the mask removes.
  @inlinable @inline(__always)
  func forEachMasked(_ run: RegionRun, _ j: Int, _ body: (Int) -> Void) {
    guard let mask = context.elementMask else { return }
    let start = run.start + j * layout.inner
    for i in 0..<run.count where !mask[start + i * layout.step] { body(i) }
  }

  /// The targets of one class.
  @inlinable @inline(__always)
  func target(_ run: RegionRun, _ j: Int, _ rows: RegionRows<S>) -> UnsafePointer<S> {
    if let target { return layout.column(of: target, run, j, rows.target) }
    if let indices {
      let runIndices = indices + run.position
      for i in 0..<run.count { rows.target[i] = S.select(runIndices[i] == j, 1, 0) }
    }
    return UnsafePointer(rows.target)
  }
}
