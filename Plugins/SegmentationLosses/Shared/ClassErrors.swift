import LossCore

/// The errors of all classes at all positions, laid out as the prediction: `1 - p` for the true
/// class and `p` for the others. The reader replaces an error by its derivative.
///
/// They share the memory of the gradient, if there is one: derivatives replace errors, and
/// gradients with respect to logits replace derivatives. The softmax is computed twice, since
/// keeping it would take as much memory as the prediction.
struct ClassErrors<S: LossScalar> {
  let context: KernelContext<S>
  let layout: RegionLayout
  let labels: UnsafePointer<Int>
  let values: UnsafeMutablePointer<S>
  private let prediction: UnsafePointer<S>

  /// Passes the errors to a function that replaces them by derivatives, then computes the gradient
  /// of the prediction.
  static func with(
    _ context: borrowing KernelContext<S>, _ layout: RegionLayout, fromLogits: Bool,
    _ body: (Self) -> Void
  ) {
    let context = copy context
    guard let prediction = context.real(0), let labels = context.integers(1) else { return }
    let gradient = context.gradient(0)
    let values =
      gradient
      ?? UnsafeMutablePointer<S>.allocate(capacity: max(1, layout.allPositions * layout.classes))
    defer { if gradient == nil { values.deallocate() } }
    let errors = Self(
      context: context, layout: layout, labels: labels, values: values, prediction: prediction)
    errors.forEachRun { errors.fill($0, $1, $3, fromLogits: fromLogits) }
    body(errors)
    guard gradient != nil, fromLogits else { return }
    errors.forEachRun { run, derivatives, probabilities, rows in
      probabilities.fillSoftmax(of: prediction, layout, run, in: rows)
      if layout.step > 1 { derivatives.fill(of: values, layout, run) }
      probabilities.passSoftmax(derivatives, count: run.count, in: rows)
      if layout.step > 1 { derivatives.write(to: values, layout, run) }
    }
  }

  /// Writes the errors of a run. From logits, the error of the true class is the probability of the
  /// others, without a subtraction.
  private func fill(
    _ run: RegionRun, _ errors: RegionTable<S>, _ rows: FourRows<S>, fromLogits: Bool
  ) {
    let label = labels + run.position
    let (normalizer, others) = (rows.third, rows.fourth)
    if fromLogits {
      errors.fillExponentials(of: prediction, layout, run, in: rows)
      for i in 0..<run.count { (normalizer[i], others[i]) = (1 / normalizer[i], 0) }
      for j in 0..<layout.classes {
        let e = errors.row(j)
        for i in 0..<run.count { others[i] += S.select(label[i] == j, 0, e[i]) }
      }
    } else {
      errors.fill(of: prediction, layout, run)
    }
    for j in 0..<layout.classes {
      let e = errors.row(j)
      if fromLogits {
        for i in 0..<run.count { e[i] = S.select(label[i] == j, others[i], e[i]) * normalizer[i] }
      } else {
        for i in 0..<run.count { e[i] = S.select(label[i] == j, 1 - e[i], e[i]) }
      }
    }
    if layout.step > 1 { errors.write(to: values, layout, run) }
  }

  /// Calls a function for runs of all positions, in parallel, with a table for the values of the
  /// classes, which is `values` itself where these are contiguous, and a table for scratch.
  private func forEachRun(
    _ body: (RegionRun, RegionTable<S>, RegionTable<S>, FourRows<S>) -> Void
  ) {
    let length = RegionRun.length(S.self)
    let size = length * layout.classes
    layout.forEachChunk(context) { range, rows in
      withUnsafeTemporaryAllocation(of: S.self, capacity: 2 * size) { memory in
        guard let start = memory.baseAddress else { return }
        let workspace = RegionTable(start, stride: length, classes: layout.classes)
        let other = RegionTable(start + size, stride: length, classes: layout.classes)
        layout.forEachRun(range, block: length) { run in
          let isInPlace = layout.step == 1
          body(run, isInPlace ? RegionTable(values + run.start, layout) : other, workspace, rows)
        }
      }
    }
  }
}
