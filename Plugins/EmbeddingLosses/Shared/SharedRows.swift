import LossCore

/// The similarities of the items of one process to all items of a batch that processes share.
struct SharedRows<S: LossScalar> {
  let share: SampleShare
  let vectors: NormalizedRows<S>
  /// The items of this process, by their position in `vectors`.
  let own: [Int]
  /// Their similarities to all; then the derivatives.
  let table: Matrix<S>

  init(
    _ pass: borrowing KernelContext<S>, _ share: SampleShare, _ groups: LabelGroups,
    _ vectors: NormalizedRows<S>
  ) {
    self.share = share
    self.vectors = vectors
    own = Self.items(share.own, of: groups.indices)
    table = Matrix(rows: own.count, columns: groups.indices.count)
    let ownVectors = Matrix<S>(rows: own.count, columns: vectors.table.columns)
    defer { ownVectors.deallocate() }
    for (row, item) in own.enumerated() {
      ownVectors.row(row).update(from: vectors.table.row(item), count: ownVectors.columns)
    }
    table.multiply(pass, ownVectors, vectors.table)
  }

  func deallocate() { table.deallocate() }

  /// The positions of the items of a process.
  private static func items(_ samples: Range<Int>, of indices: [Int]) -> [Int] {
    indices.indices.filter { samples.contains(indices[$0]) }
  }

  /// Sends the terms of the own items and, for gradients, the derivatives; writes all terms, and the
  /// gradients of the own items.
  func exchange(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let gradient = pass.gradient(0)
    let count = table.columns
    let rowSize = gradient == nil ? 1 : 1 + count
    let items = share.samples.map { Self.items($0, of: vectors.indices) }
    var numbers: [S] = []
    numbers.reserveCapacity(own.count * rowSize)
    for (row, item) in own.enumerated() {
      numbers.append(terms[vectors.indices[item]])
      if rowSize > 1 { numbers += UnsafeBufferPointer(start: table.row(row), count: count) }
    }
    let messages = try numbers.withUnsafeBufferPointer { (numbers) throws(LossError) in
      try share.exchange(numbers, counts: items.map { $0.count * rowSize })
    }
    for (items, message) in zip(items, messages) {
      for (row, item) in items.enumerated() {
        terms[vectors.indices[item]] = message[row * rowSize]
        guard gradient != nil else { continue }
        // Each similarity depends on both its items.
        let derivatives = row * rowSize + 1
        for (ownRow, ownItem) in own.enumerated() {
          table.row(ownRow)[item] += message[derivatives + ownItem]
        }
      }
    }
    guard let gradient else { return }
    vectors.writeGradient(pass, of: own, vectors.table, into: gradient) { rows, columns, _ in
      table.tile(rows, columns)
    }
  }
}
