extension RegionKernel {
  /// Writes the gradients of a range of positions, from the sums of the regions of their segment.
  @inlinable
  func writeGradients(_ range: Range<Int>, _ totals: UnsafeMutablePointer<RegionTotals>) {
    let firstTerm = range.lowerBound / max(1, layout.positions) * layout.regions
    withUnsafeTemporaryAllocation(
      of: RegionDerivative<Formula, S>.self, capacity: max(1, layout.classes)
    ) {
      memory in
      guard let derivatives = memory.baseAddress else { return }
      for j in 0..<layout.classes {
        let region = layout.isPerClass ? j : 0
        (derivatives + j).initialize(
          to: classes.selection.contains(j)
            ? derivative(of: firstTerm + region, totals[region], weight(j))
            : RegionDerivative(formula, .zero, isRemoved: true))
      }
      defer { derivatives.deinitialize(count: layout.classes) }
      withProbabilities(range) { rows, table in
        layout.forEachRun(range, block: RegionRows<S>.length) { run in
          if isSoftmax {
            writeSoftmax(run, table(run), rows, derivatives)
          } else {
            writePlain(run, rows, derivatives)
          }
        }
      }
    }
  }

  /// The derivative of a term with respect to its sums.
  @inlinable
  func derivative(
    of term: Int, _ total: RegionTotals, _ weight: Double
  ) -> RegionDerivative<Formula, S> {
    let formula = formula(for: total)
    let derivative = formula.derivative(total.values, count: Double(total.count))
    return RegionDerivative(
      formula, derivative * (weight * Double(context.gradientScale(term))),
      isRemoved: context.isRemoved(term))
  }

  @inlinable
  func writePlain(
    _ run: RegionRun, _ rows: RegionRows<S>,
    _ derivatives: UnsafePointer<RegionDerivative<Formula, S>>
  ) {
    for j in 0..<layout.classes {
      let derivative = derivatives[j]
      let p = layout.column(of: prediction, run, j, rows.prediction)
      let t = target(run, j, rows)
      write(run, j, derivative, rows, to: context.gradient(0)) {
        derivative.gradient(p[$0], t[$0]).0
      }
      write(run, j, derivative, rows, to: context.gradient(1)) {
        derivative.gradient(p[$0], t[$0]).1
      }
    }
  }

  /// Backpropagates the gradient of the probabilities through the softmax, and overwrites the
  /// probabilities: `p ((g - h) + Σ p (h - g))` with h the derivative of a class whose probability
  /// exceeds 1/2, or 0. Otherwise the gradient of a class that is nearly certain would cancel.
  ///
  /// Where the difference is 0, the gradient is 0 even for NaN logits, so that NaN under a mask does
  /// not propagate.
  @inlinable
  func writeSoftmax(
    _ run: RegionRun, _ table: RegionTable<S>, _ rows: RegionRows<S>,
    _ derivatives: UnsafePointer<RegionDerivative<Formula, S>>
  ) {
    if !keepsProbabilities { table.fillSoftmax(of: prediction, layout, run, in: rows.others) }
    let (reference, mean, others) = (rows.reference, rows.mean, rows.otherProbability)
    for i in 0..<run.count { (reference[i], mean[i], others[i]) = (0, 0, 0) }
    if context.gradient(0) != nil {
      for j in 0..<layout.classes {
        let p = table.row(j)
        if let target { layout.prefetchNext(target, run, j) }
        forEachDerivative(run, j, derivatives[j], p, target(run, j, rows), rows.derivative) {
          i, g, mayBeRemoved in
          let product = mayBeRemoved ? S.select(g == 0, 0, p[i] * g) : p[i] * g
          let isCertain = p[i] > 0.5
          reference[i] = S.select(isCertain, g, reference[i])
          mean[i] += S.select(isCertain, 0, product)
          others[i] += S.select(isCertain, 0, p[i])
        }
      }
      for i in 0..<run.count {
        mean[i] = S.select(reference[i] == 0, 0, others[i] * reference[i]) - mean[i]
      }
    }
    for j in 0..<layout.classes {
      let derivative = derivatives[j]
      let (p, t) = (table.row(j), target(run, j, rows))
      if keepsProbabilities {
        Prefetch.read(UnsafePointer(p), at: run.count, count: run.count)
      }
      write(run, j, derivative, rows, to: context.gradient(1)) {
        derivative.gradient(p[$0], t[$0]).1
      }
      guard let gradient = context.gradient(0) else { continue }
      forEachDerivative(run, j, derivative, p, t, rows.derivative) { i, g, mayBeRemoved in
        let difference = (g - reference[i]) + mean[i]
        let product = p[i] * difference
        p[i] = mayBeRemoved ? S.select(difference == 0, 0, product) : product
      }
      guard !keepsProbabilities else { continue }
      let out = gradient + (run.start + j * layout.inner)
      for i in 0..<run.count { out[i * layout.step] = p[i] }
    }
  }

  /// Calls a function with the derivative with respect to each probability of one class; 0 for
  /// elements that the class selection or the mask removes, if there is one.
  @inlinable @inline(__always)
  func forEachDerivative(
    _ run: RegionRun, _ j: Int, _ derivative: RegionDerivative<Formula, S>,
    _ p: UnsafeMutablePointer<S>,
    _ t: UnsafePointer<S>, _ row: UnsafeMutablePointer<S>,
    _ body: (_ i: Int, _ derivative: S, _ mayBeRemoved: Bool) -> Void
  ) {
    guard derivative.isRemoved || context.elementMask != nil else {
      for i in 0..<run.count { body(i, derivative.gradient(p[i], t[i]).0, false) }
      return
    }
    for i in 0..<run.count { row[i] = derivative.isRemoved ? 0 : derivative.gradient(p[i], t[i]).0 }
    forEachMasked(run, j) { row[$0] = 0 }
    for i in 0..<run.count { body(i, row[i], true) }
  }

  /// Writes the gradient of one class, if requested; 0 for removed terms and masked elements.
  @inlinable @inline(__always)
  func write(
    _ run: RegionRun, _ j: Int, _ derivative: RegionDerivative<Formula, S>, _ rows: RegionRows<S>,
    to memory: UnsafeMutablePointer<S>?, _ value: (Int) -> S
  ) {
    guard let memory else { return }
    let start = memory + (run.start + j * layout.inner)
    let out = layout.step > 1 ? rows.gradient : start
    if derivative.isRemoved {
      for i in 0..<run.count { out[i] = 0 }
    } else {
      for i in 0..<run.count { out[i] = value(i) }
      forEachMasked(run, j) { out[$0] = 0 }
    }
    guard layout.step > 1 else { return }
    for i in 0..<run.count { start[i * layout.step] = out[i] }
  }
}

/// The derivative of a term with respect to its sums, in the element type.
@usableFromInline struct RegionDerivative<Formula: RegionFormula, S: LossScalar> {
  @usableFromInline let formula: Formula
  @usableFromInline let factors: (S, S, S, S)
  /// Whether the term is removed, so that the gradient of its elements is zero.
  @usableFromInline let isRemoved: Bool

  @inlinable
  init(_ formula: Formula, _ derivative: SIMD4<Double>, isRemoved: Bool) {
    self.formula = formula
    factors = (S(derivative[0]), S(derivative[1]), S(derivative[2]), S(derivative[3]))
    self.isRemoved = isRemoved
  }

  /// The derivative of the term with respect to one prediction and one target.
  @inlinable @inline(__always)
  func gradient(_ prediction: S, _ target: S) -> (S, S) {
    formula.gradient(prediction, target, factors)
  }
}
