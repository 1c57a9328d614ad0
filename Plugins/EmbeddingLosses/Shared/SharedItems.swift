import LossCore

/// The items of a batch that processes share: each evaluates the rows of its own.
struct SharedItems {
  private let share: SampleShare
  /// The items of each process, by their position among all.
  private let items: [[Int]]
  /// Those of this process.
  let own: [Int]

  /// Nil for a batch that one process evaluates.
  ///
  /// - Parameter indices: the index in the input of each item.
  init?<S: LossScalar>(_ context: borrowing KernelContext<S>, _ indices: [Int]) {
    guard let share = context.share else { return nil }
    func positions(_ samples: Range<Int>) -> [Int] {
      indices.indices.filter { samples.contains(indices[$0]) }
    }
    self.share = share
    items = share.samples.map(positions)
    own = positions(share.own)
  }

  /// Sends `size` numbers for each of the own items, and returns those of all.
  func exchange<Number: LossScalar>(
    _ numbers: [Number], each size: Int
  ) throws(LossError) -> [Number] {
    let messages = try numbers.withUnsafeBufferPointer { (numbers) throws(LossError) in
      try share.exchange(numbers, counts: items.map { size * $0.count })
    }
    var all = Array(repeating: 0 as Number, count: size * items.map(\.count).reduce(0, +))
    for (items, message) in zip(items, messages) {
      for (row, item) in items.enumerated() {
        for k in 0..<size { all[size * item + k] = message[size * row + k] }
      }
    }
    return all
  }

  /// The columns of the own items of a table whose rows are divided among the processes, as rows.
  func columns<S: LossScalar>(of table: Matrix<S>) throws(LossError) -> Matrix<S> {
    var rows: [S] = []
    rows.reserveCapacity(table.rows * table.columns)
    for row in 0..<table.rows {
      rows += UnsafeBufferPointer(start: table.row(row), count: table.columns)
    }
    let all = try exchange(rows, each: table.columns)
    let columns = Matrix<S>(rows: own.count, columns: table.columns)
    for (row, item) in own.enumerated() {
      for other in 0..<table.columns {
        columns.row(row)[other] = all[other * table.columns + item]
      }
    }
    return columns
  }
}
