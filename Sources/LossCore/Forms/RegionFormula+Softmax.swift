extension RegionFormula {
  /// Walks the regions of a prediction that holds logits along the class axis, as if it held their
  /// softmax. The probabilities are computed block by block, once for the sums and once for the
  /// gradient, and never kept.
  @inlinable
  public func walkSoftmax<S: LossScalar>(
    _ pass: borrowing LossPass<S>, _ region: Region
  ) throws(LossError) {
    let pass = copy pass
    guard let logits = pass.real(0), pass.rows.length > 0 else { return }
    let walk = RegionWalk(region, pass)
    try walk.checkClasses(pass)
    let oneHot = pass.oneHotTarget()
    defer { oneHot?.deallocate() }
    guard let target = oneHot.map({ UnsafePointer($0) }) ?? pass.real(1) else { return }

    var totals = Array(repeating: RegionTotals(), count: pass.termCount)
    let blocks = SoftmaxBlocks(pass)
    blocks.forEach(logits) { run, probabilities, _ in
      let total = sums(pass, run, probabilities, target)
      totals[walk.term(of: run.start)].add(total)
    }
    let values = totals.map { S(value($0.values, count: Double($0.count))) }
    let slopes = totals.indices.map { term in
      pass.isRemoved(term)
        ? SIMD4<Double>.zero
        : slope(totals[term].values, count: Double(totals[term].count))
          * Double(pass.coefficient(term))
    }
    if pass.wantsGradient {
      blocks.forEach(logits) { run, probabilities, isLastClass in
        let term = walk.term(of: run.start)
        if pass.isRemoved(term) {
          for i in run.start..<(run.start + run.count) {
            pass.gradient(0)?[i] = 0
            pass.gradient(1)?[i] = 0
          }
        } else {
          writeSlopes(pass, run, probabilities, target, slopes[term])
        }
        if isLastClass { blocks.pull(run, probabilities, pass.gradient(0)) }
      }
    }
    pass.forEachBlock(elementsPerTerm: 1) { range, terms in
      for term in range {
        terms[term - range.lowerBound] = pass.isRemoved(term) ? 0 : values[term]
      }
    }
  }

  /// What one run of elements of one class adds to the sums of its region.
  @inlinable
  func sums<S: LossScalar>(
    _ pass: LossPass<S>, _ run: SoftmaxBlocks.Run, _ probabilities: UnsafePointer<S>,
    _ target: UnsafePointer<S>
  ) -> RegionTotals {
    var total = RegionTotals()
    let target = target + run.start
    func summand(_ i: Int) -> (S, S, S, S) { summands(probabilities[i], target[i]) }
    guard let mask = pass.elementMask else {
      total.count = run.count
      total.sums.0 = RowMath.sum(count: run.count) { summand($0).0 }
      if Self.sumCount > 1 { total.sums.1 = RowMath.sum(count: run.count) { summand($0).1 } }
      if Self.sumCount > 2 { total.sums.2 = RowMath.sum(count: run.count) { summand($0).2 } }
      if Self.sumCount > 3 { total.sums.3 = RowMath.sum(count: run.count) { summand($0).3 } }
      return total
    }
    for i in 0..<run.count where mask[run.start + i] {
      let parts = summand(i)
      total.sums.0.add(parts.0.widened)
      total.sums.1.add(parts.1.widened)
      total.sums.2.add(parts.2.widened)
      total.sums.3.add(parts.3.widened)
      total.count += 1
    }
    return total
  }

  /// The derivatives with respect to the probabilities, where the gradient of the logits will be.
  @inlinable
  func writeSlopes<S: LossScalar>(
    _ pass: LossPass<S>, _ run: SoftmaxBlocks.Run, _ probabilities: UnsafePointer<S>,
    _ target: UnsafePointer<S>, _ slope: SIMD4<Double>
  ) {
    let slopes = (S(slope[0]), S(slope[1]), S(slope[2]), S(slope[3]))
    let first = pass.gradient(0)
    let second = pass.gradient(1)
    if let first, second == nil, pass.elementMask == nil {
      let out = first + run.start
      let goal = target + run.start
      for i in 0..<run.count { out[i] = gradient(probabilities[i], goal[i], slopes).0 }
      return
    }
    for i in 0..<run.count {
      let place = run.start + i
      let isKept = pass.elementMask.map { $0[place] } ?? true
      let both = gradient(probabilities[i], target[place], slopes)
      if let first { first[place] = isKept ? both.0 : 0 }
      if let second { second[place] = isKept ? both.1 : 0 }
    }
  }
}

/// The softmax of a prediction, a few rows at a time: for each class a run of probabilities.
@usableFromInline struct SoftmaxBlocks {
  /// The elements of one class in one block, neighbours in memory.
  @usableFromInline struct Run {
    @usableFromInline let start: Int
    @usableFromInline let count: Int

    @inlinable
    init(start: Int, count: Int) {
      self.start = start
      self.count = count
    }
  }

  @usableFromInline let rows: RowExtents
  /// How many rows are in a block.
  @usableFromInline let width: Int

  @inlinable
  init<S: LossScalar>(_ pass: LossPass<S>) {
    rows = pass.rows
    width = Blocks.elementsInBlock(S.self)
  }

  /// Calls a function for each class of each block, classes in order; the probabilities of all
  /// classes of a block lie one run after the other, `width` apart, up to the last one's.
  @inlinable
  func forEach<S: LossScalar>(
    _ logits: UnsafePointer<S>, _ body: (Run, UnsafePointer<S>, Bool) -> Void
  ) {
    let table = UnsafeMutablePointer<S>.allocate(capacity: width * (rows.length + 1))
    defer { table.deallocate() }
    for outer in 0..<rows.outer {
      for first in stride(from: 0, to: rows.inner, by: width) {
        let count = min(width, rows.inner - first)
        let start = outer * rows.length * rows.inner + first
        fill(table, logits + start, count: count)
        for j in 0..<rows.length {
          let run = Run(start: start + j * rows.inner, count: count)
          body(run, UnsafePointer(table + j * width), j == rows.length - 1)
        }
      }
    }
  }

  /// The softmax of neighbouring rows, class by class, so that neighbours are computed together.
  @inlinable
  func fill<S: LossScalar>(
    _ table: UnsafeMutablePointer<S>, _ logits: UnsafePointer<S>, count: Int
  ) {
    let top = table + rows.length * width
    for i in 0..<count { top[i] = logits[i] }
    for j in 1..<max(1, rows.length) {
      let own = logits + j * rows.inner
      for i in 0..<count { top[i] = S.larger(top[i], own[i]) }
    }
    for j in 0..<rows.length {
      let own = logits + j * rows.inner
      let out = table + j * width
      for i in 0..<count { out[i] = S.exp(own[i] - top[i]) }
    }
    for i in 0..<count { top[i] = 0 }
    for j in 0..<rows.length {
      let out = table + j * width
      for i in 0..<count { top[i] += out[i] }
    }
    for j in 0..<rows.length {
      let out = table + j * width
      for i in 0..<count { out[i] = out[i] / top[i] }
    }
  }

  /// Makes the gradient of the logits of that of the probabilities, for a block whose last class
  /// has just been written: `p (g - Σ g p)`. Where no derivative is left the gradient is 0, whatever
  /// the logits: a mask selects, and a NaN under it does not come through.
  @inlinable
  func pull<S: LossScalar>(
    _ last: Run, _ probabilities: UnsafePointer<S>, _ gradient: UnsafeMutablePointer<S>?
  ) {
    guard let gradient else { return }
    let firstClass = probabilities - (rows.length - 1) * width
    let start = last.start - (rows.length - 1) * rows.inner
    withUnsafeTemporaryAllocation(of: S.self, capacity: width) { memory in
      guard let sum = memory.baseAddress else { return }
      for i in 0..<last.count { sum[i] = 0 }
      for j in 0..<rows.length {
        let p = firstClass + j * width
        let g = gradient + start + j * rows.inner
        for i in 0..<last.count { sum[i] += S.select(g[i] == 0, 0, p[i] * g[i]) }
      }
      for j in 0..<rows.length {
        let p = firstClass + j * width
        let g = gradient + start + j * rows.inner
        for i in 0..<last.count {
          g[i] = S.select(g[i] == sum[i], 0, p[i] * (g[i] - sum[i]))
        }
      }
    }
  }
}
