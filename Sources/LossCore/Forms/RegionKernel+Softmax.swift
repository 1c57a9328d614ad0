extension RegionKernel {
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
        body(rows) { RegionTable(gradient + $0.start, layout) }
      } else {
        let width = min(range.count, RegionRows<S>.length)
        let size = isSoftmax ? width * layout.classes : 1
        withUnsafeTemporaryAllocation(of: S.self, capacity: size) { memory in
          guard let start = memory.baseAddress else { return }
          body(rows) { _ in RegionTable(start, stride: width, classes: layout.classes) }
        }
      }
    }
  }
}
