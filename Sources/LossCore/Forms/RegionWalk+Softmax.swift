/// The probabilities of a run of positions: a row for each class.
@usableFromInline struct RegionTable<S: LossScalar> {
  @usableFromInline let start: UnsafeMutablePointer<S>
  /// How far apart the rows are.
  @usableFromInline let stride: Int

  @inlinable
  init(_ start: UnsafeMutablePointer<S>, stride: Int) {
    self.start = start
    self.stride = stride
  }

  @inlinable @inline(__always)
  func row(_ j: Int) -> UnsafeMutablePointer<S> { start + j * stride }
}

extension RegionWalk {
  /// Whether the probabilities stay where the gradient will be, from the walk for the sums to that
  /// for the gradient. Otherwise they are computed in both.
  @inlinable var keepsProbabilities: Bool {
    isSoftmax && layout.step == 1 && pass.gradient(0) != nil
  }

  /// Gives rows to work in, and where the probabilities of a run are.
  @inlinable
  func withProbabilities(
    _ range: Range<Int>, _ body: (RegionRows<S>, (RegionRun) -> RegionTable<S>) -> Void
  ) {
    RegionRows<S>.with { rows in
      if let gradient = pass.gradient(0), keepsProbabilities || !isSoftmax {
        body(rows) { RegionTable(gradient + $0.start, stride: layout.inner) }
      } else {
        let width = min(range.count, RegionRows<S>.length)
        let size = isSoftmax ? width * layout.classes : 1
        withUnsafeTemporaryAllocation(of: S.self, capacity: size) { memory in
          guard let start = memory.baseAddress else { return }
          body(rows) { _ in RegionTable(start, stride: width) }
        }
      }
    }
  }

  /// The softmax of a run of positions, class by class, so that positions are computed together.
  @inlinable
  func fill(_ table: RegionTable<S>, _ run: RegionRun, _ rows: RegionRows<S>) {
    let (top, total) = (rows.top, rows.total)
    let first = column(prediction, run, 0, rows.prediction)
    for i in 0..<run.count { (top[i], total[i]) = (first[i], 0) }
    for j in 1..<max(1, layout.classes) {
      let own = column(prediction, run, j, rows.prediction)
      for i in 0..<run.count { top[i] = S.larger(own[i], top[i]) }
    }
    let scale = S.scale(below: 0)
    for j in 0..<layout.classes {
      askForNext(prediction, run, j)
      let own = column(prediction, run, j, rows.prediction)
      let out = table.row(j)
      for i in 0..<run.count {
        let exponential = S.exp(own[i] - top[i], scale)
        out[i] = exponential
        total[i] += exponential
      }
    }
    for i in 0..<run.count { total[i] = 1 / total[i] }
    for j in 0..<layout.classes {
      let out = table.row(j)
      for i in 0..<run.count { out[i] *= total[i] }
    }
  }
}
