extension RegionKernel {
  /// Whether the first pass stores the probabilities in the memory of the gradient, for the second
  /// pass. Otherwise both passes compute them.
  @inlinable var keepsProbabilities: Bool {
    isSoftmax && layout.step == 1 && context.gradient(0) != nil
  }

  /// Calls a function with scratch rows, and with the table for the probabilities of each run.
  @inlinable
  func withProbabilities(
    _ range: Range<Int>, _ body: (RegionRows<S>, (RegionRun) -> RegionTable<S>) -> Void
  ) {
    RegionRows<S>.with { rows in
      if let gradient = context.gradient(0), keepsProbabilities || !isSoftmax {
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
