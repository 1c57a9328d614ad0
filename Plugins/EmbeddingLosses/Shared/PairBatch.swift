import LossCore

/// A batch of pairs, such as images and their texts, each of which is compared with all of the other
/// kind; its rows are those of this process, where processes share the batch.
struct PairBatch<S: LossScalar> {
  /// The index in the input of each pair that no mask or weight of zero removes.
  let kept: [Int]
  /// The pairs of this process, by their position among those.
  let own: [Int]
  private let shared: SharedItems?
  private let first, second: NormalizedRows<S>
  private let context: KernelContext<S>

  var count: Int { kept.count }

  /// The pairs of the first two inputs.
  init(_ context: borrowing KernelContext<S>) {
    let context = copy context
    self.context = context
    kept = (0..<context.termCount).filter { !context.isRemoved($0) }
    shared = SharedItems(context, kept)
    own = shared?.own ?? Array(kept.indices)
    first = NormalizedRows(context, input: 0, at: kept, normalized: false)
    second = NormalizedRows(context, input: 1, at: kept, normalized: false)
  }

  func deallocate() {
    first.deallocate()
    second.deallocate()
  }

  /// The dot products of the own vectors of the first input with all of the second one.
  func dotsOfFirst() -> Matrix<S> { dots(first.table, second.table) }
  /// Those of the second with all of the first one.
  func dotsOfSecond() -> Matrix<S> { dots(second.table, first.table) }

  private func dots(_ left: Matrix<S>, _ right: Matrix<S>) -> Matrix<S> {
    let rows = left.rows(own)
    defer { rows.deallocate() }
    let table = Matrix<S>(rows: own.count, columns: count)
    table.addProduct(context, rows, right)
    return table
  }

  /// The numbers of the own pairs, `size` for each, followed by those of other processes in the order
  /// of the pairs.
  func all(_ numbers: [Double], each size: Int) throws(LossError) -> [Double] {
    try shared?.exchange(numbers, each: size) ?? numbers
  }

  /// The columns of the own pairs, as rows.
  func columns(of table: Matrix<S>) throws(LossError) -> Matrix<S> {
    if let shared { return try shared.columns(of: table) }
    let columns = Matrix<S>(rows: count, columns: count)
    MatrixProduct.transpose(
      rows: count, columns: count, (UnsafePointer(table.numbers), table.rowStep),
      to: (columns.numbers, columns.rowStep))
    return columns
  }

  /// Writes the gradients of the first two inputs, given the derivatives with respect to the dot
  /// products: of the own first vectors with all second ones, and the other way round.
  func writeGradients(_ rows: Matrix<S>, _ columns: Matrix<S>) {
    if let gradient = context.gradient(0) {
      first.writeGradient(context, of: own, second.table, into: gradient) { range, others, _ in
        rows.tile(range, others)
      }
    }
    if let gradient = context.gradient(1) {
      second.writeGradient(context, of: own, first.table, into: gradient) { range, others, _ in
        columns.tile(range, others)
      }
    }
  }
}
