/// Writes the product of the Hessian with a vector for the regions of a segment, from their sums.
///
/// Two passes follow that of the sums: one for the change of the sums along the vector, one for the
/// change of the gradient. Compiled once, in the core.
@usableFromInline struct RegionProduct<S: LossScalar> {
  private let formula: RegionSecondOrder
  private let context: KernelContext<S>
  private let layout: RegionLayout
  private let classes: RegionClasses
  private let isSoftmax: Bool

  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  init(
    _ formula: RegionSecondOrder, _ context: KernelContext<S>, _ layout: RegionLayout,
    _ classes: RegionClasses, isSoftmax: Bool
  ) {
    self.formula = formula
    self.context = context
    self.layout = layout
    self.classes = classes
    self.isSoftmax = isSoftmax
  }

  /// Writes the products of a segment.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline
  func write(
    _ totals: UnsafePointer<RegionTotals>, _ chunks: RegionChunks, firstTerm: Int, threads: Int
  ) {
    let regions = layout.regions
    var changes = Array(repeating: SIMD4<Double>.zero, count: chunks.count * regions)
    changes.withUnsafeMutableBufferPointer { changes in
      guard let start = changes.baseAddress else { return }
      Workers.forEach(chunks.count, threads: threads) { chunk in
        addChanges(of: chunks.range(chunk), to: start + chunk * regions)
      }
    }
    let factors = (0..<layout.classes).map { j -> RegionFactors? in
      let region = layout.isPerClass ? j : 0
      guard classes.selection.contains(j), !context.isRemoved(firstTerm + region) else {
        return nil
      }
      var change = SIMD4<Double>.zero
      for chunk in 0..<chunks.count { change += changes[chunk * regions + region] }
      let total = totals[region]
      return formula.factors(total.values, change, Double(total.count))
        .scaled(by: weight(j) * context.gradientScale(firstTerm + region).asDouble)
    }
    Workers.forEach(chunks.count, threads: threads) { chunk in
      writeProducts(chunks.range(chunk), factors)
    }
  }

  private func weight(_ j: Int) -> Double { S(classes.weight(j)).asDouble }

  /// Adds the changes of the sums of a range of positions.
  private func addChanges(of range: Range<Int>, to changes: UnsafeMutablePointer<SIMD4<Double>>) {
    withRows(range) { rows, tables in
      layout.forEachRun(range, block: RegionRun.length(S.self)) { run in
        fillTables(tables, run)
        for j in 0..<layout.classes where classes.selection.contains(j) {
          formula.changes(block(run, j, rows.inputs, tables), rows.results)
          forEachMasked(run, j) { i in
            rows.results.first[i] = 0
            rows.results.second[i] = 0
            rows.results.third[i] = 0
            rows.results.fourth[i] = 0
          }
          let sums = SIMD4(
            BlockedSum.sum(rows.results.first, count: run.count).value,
            BlockedSum.sum(rows.results.second, count: run.count).value,
            BlockedSum.sum(rows.results.third, count: run.count).value,
            BlockedSum.sum(rows.results.fourth, count: run.count).value)
          changes[layout.isPerClass ? j : 0] += layout.isPerClass ? sums : sums * weight(j)
        }
      }
    }
  }

  private func writeProducts(_ range: Range<Int>, _ factors: [RegionFactors?]) {
    withRows(range) { rows, tables in
      let results = rows.results
      layout.forEachRun(range, block: RegionRun.length(S.self)) { run in
        fillTables(tables, run)
        for j in 0..<layout.classes {
          if let factors = factors[j] {
            formula.gradients(block(run, j, rows.inputs, tables), factors, results)
            forEachMasked(run, j) { i in
              results.first[i] = 0
              results.second[i] = 0
              results.third[i] = 0
            }
          } else {
            for i in 0..<run.count {
              results.first[i] = 0
              results.second[i] = 0
              results.third[i] = 0
            }
          }
          if let product = context.gradient(1) {
            scatter(results.third, to: product, run, j)
          }
          if let tables {
            let (g, change) = (tables.gradients.row(j), tables.gradientChanges.row(j))
            for i in 0..<run.count {
              g[i] = S(results.first[i])
              change[i] = S(results.second[i])
            }
          } else if let product = context.gradient(0) {
            scatter(results.second, to: product, run, j)
          }
        }
        if let tables, let product = context.gradient(0) {
          tables.passSoftmax(count: run.count)
          tables.gradientChanges.write(to: product, layout, run)
        }
      }
    }
  }

  private func scatter(
    _ row: UnsafePointer<Double>, to product: UnsafeMutablePointer<S>, _ run: RegionRun, _ j: Int
  ) {
    let out = product + (run.start + j * layout.inner)
    for i in 0..<run.count { out[i * layout.step] = S(row[i]) }
  }

  private func forEachMasked(_ run: RegionRun, _ j: Int, _ body: (Int) -> Void) {
    guard let mask = context.elementMask else { return }
    let start = run.start + j * layout.inner
    for i in 0..<run.count where !mask[start + i * layout.step] { body(i) }
  }

  /// The elements of one class in a run.
  private func block(
    _ run: RegionRun, _ j: Int, _ rows: FourRows<Double>, _ tables: RegionProductTables<S>?
  ) -> RegionBlock {
    if let tables {
      let (p, change) = (tables.probabilities.row(j), tables.changes.row(j))
      for i in 0..<run.count {
        rows.first[i] = p[i].asDouble
        rows.third[i] = change[i].asDouble
      }
    } else {
      gather(context.real(0), run, j, into: rows.first)
      gather(context.vector(0), run, j, into: rows.third)
    }
    if let indices = context.integers(1) {
      for i in 0..<run.count { rows.second[i] = indices[run.position + i] == j ? 1 : 0 }
    } else {
      gather(context.real(1), run, j, into: rows.second)
    }
    gather(context.vector(1), run, j, into: rows.fourth)
    return RegionBlock(
      count: run.count, prediction: rows.first, target: rows.second,
      predictionChange: rows.third, targetChange: rows.fourth)
  }

  private func gather(
    _ elements: UnsafePointer<S>?, _ run: RegionRun, _ j: Int,
    into row: UnsafeMutablePointer<Double>
  ) {
    guard let elements else {
      for i in 0..<run.count { row[i] = 0 }
      return
    }
    let start = elements + (run.start + j * layout.inner)
    if layout.step == 1 {
      for i in 0..<run.count { row[i] = start[i].asDouble }
    } else {
      for i in 0..<run.count { row[i] = start[i * layout.step].asDouble }
    }
  }

  /// Writes the probabilities of a run and their changes.
  private func fillTables(_ tables: RegionProductTables<S>?, _ run: RegionRun) {
    guard let tables, let logits = context.real(0) else { return }
    tables.probabilities.fillSoftmax(of: logits, layout, run, in: tables.rows)
    if let vector = context.vector(0) {
      tables.changes.fill(of: vector, layout, run)
      tables.probabilities.passSoftmax(tables.changes, count: run.count, in: tables.rows)
    } else {
      for j in 0..<layout.classes { tables.changes.row(j).update(repeating: 0, count: run.count) }
    }
  }

  private func withRows(
    _ range: Range<Int>,
    _ body: ((inputs: FourRows<Double>, results: FourRows<Double>), RegionProductTables<S>?) -> Void
  ) {
    let length = RegionRun.length(S.self)
    FourRows<Double>.with(length: length) { inputs in
      FourRows<Double>.with(length: length) { results in
        guard isSoftmax else { return body((inputs, results), nil) }
        let width = min(range.count, length)
        let size = width * layout.classes
        FourRows<S>.with(length: length) { rows in
          withUnsafeTemporaryAllocation(of: S.self, capacity: max(1, 4 * size)) { memory in
            guard let start = memory.baseAddress else { return }
            func table(_ index: Int) -> RegionTable<S> {
              RegionTable(start + index * size, stride: width, classes: layout.classes)
            }
            body(
              (inputs, results),
              RegionProductTables(
                probabilities: table(0), changes: table(1), gradients: table(2),
                gradientChanges: table(3), rows: rows))
          }
        }
      }
    }
  }
}

/// The softmax of a run, and what is passed back through it.
private struct RegionProductTables<S: LossScalar> {
  let probabilities: RegionTable<S>
  /// The changes of the probabilities.
  let changes: RegionTable<S>
  /// The derivatives with respect to the probabilities.
  let gradients: RegionTable<S>
  /// Their changes; then the products.
  let gradientChanges: RegionTable<S>
  let rows: FourRows<S>

  /// The change of `p (g - Σ p g)`, whose last factor is `(g - h) + Σ p (h - g)` for any `h`.
  func passSoftmax(count: Int) {
    probabilities.passSoftmax(gradientChanges, count: count, in: rows)
    let (reference, mean, change) = (rows.first, rows.second, rows.third)
    let (maximum, classes) = (rows.fourth, probabilities.classes)
    for i in 0..<count { (reference[i], mean[i], change[i], maximum[i]) = (0, 0, 0, -1) }
    for j in 0..<classes {
      let (p, g) = (probabilities.row(j), gradients.row(j))
      for i in 0..<count {
        let isLarger = p[i] > maximum[i]
        reference[i] = S.select(isLarger, g[i], reference[i])
        maximum[i] = S.select(isLarger, p[i], maximum[i])
      }
    }
    for j in 0..<classes {
      let (p, dp, g) = (probabilities.row(j), changes.row(j), gradients.row(j))
      for i in 0..<count {
        let difference = reference[i] - g[i]
        mean[i] += S.select(difference == 0, 0, p[i] * difference)
        change[i] += S.select(difference == 0, 0, dp[i] * difference)
      }
    }
    for j in 0..<classes {
      let (p, dp, g, out) = (
        probabilities.row(j), changes.row(j), gradients.row(j), gradientChanges.row(j)
      )
      for i in 0..<count {
        let excess = (g[i] - reference[i]) + mean[i]
        out[i] += S.select(excess == 0, 0, dp[i] * excess)
        out[i] += S.select(change[i] == 0, 0, p[i] * change[i])
      }
    }
  }
}
