import LossCore

/// The errors of the classes at every position, where the elements of the prediction lie: `1 - p` for
/// the class that is true and `p` for the others. What reads an error may leave its derivative there.
///
/// They are in the memory of the gradient, if there is one: an error is not needed any more where
/// its derivative is known, and the derivative by a logit takes its place in turn. Probabilities are
/// computed again for it, since to keep them would take as much memory as the prediction.
struct ClassErrors<S: LossScalar> {
  let pass: KernelContext<S>
  let layout: RegionLayout
  let labels: UnsafePointer<Int>
  let values: UnsafeMutablePointer<S>
  private let prediction: UnsafePointer<S>

  /// Gives the errors to a function that makes derivatives of them, and then makes the gradient of
  /// the prediction of these.
  static func with(
    _ pass: borrowing KernelContext<S>, _ layout: RegionLayout, fromLogits: Bool,
    _ body: (Self) -> Void
  ) {
    let pass = copy pass
    guard let prediction = pass.real(0), let labels = pass.integers(1) else { return }
    let gradient = pass.gradient(0)
    let values =
      gradient
      ?? UnsafeMutablePointer<S>.allocate(capacity: max(1, layout.allPositions * layout.classes))
    defer { if gradient == nil { values.deallocate() } }
    let errors = Self(
      pass: pass, layout: layout, labels: labels, values: values, prediction: prediction)
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

  /// Writes the errors of a run. Of logits, the error of the class that is true is the share of the
  /// others, without a subtraction.
  private func fill(
    _ run: RegionRun, _ errors: RegionTable<S>, _ rows: FourRows<S>, fromLogits: Bool
  ) {
    let label = labels + run.position
    let (total, rest) = (rows.third, rows.fourth)
    if fromLogits {
      errors.fillExponentials(of: prediction, layout, run, in: rows)
      for i in 0..<run.count { (total[i], rest[i]) = (1 / total[i], 0) }
      for j in 0..<layout.classes {
        let e = errors.row(j)
        for i in 0..<run.count { rest[i] += S.select(label[i] == j, 0, e[i]) }
      }
    } else {
      errors.fill(of: prediction, layout, run)
    }
    for j in 0..<layout.classes {
      let e = errors.row(j)
      if fromLogits {
        for i in 0..<run.count { e[i] = S.select(label[i] == j, rest[i], e[i]) * total[i] }
      } else {
        for i in 0..<run.count { e[i] = S.select(label[i] == j, 1 - e[i], e[i]) }
      }
    }
    if layout.step > 1 { errors.write(to: values, layout, run) }
  }

  /// Calls a function for runs of all positions, from several threads, with rows for the values of
  /// the classes, which are the values themselves where they lie side by side, and rows to work in.
  private func forEachRun(
    _ body: (RegionRun, RegionTable<S>, RegionTable<S>, FourRows<S>) -> Void
  ) {
    let length = RegionRun.length(S.self)
    let size = length * layout.classes
    layout.forEachChunk(pass) { range, rows in
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
