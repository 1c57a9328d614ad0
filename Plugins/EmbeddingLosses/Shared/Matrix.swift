import LossCore

/// Rows of numbers in memory of their own, to be released with ``deallocate()``.
struct Matrix<S: LossScalar> {
  let rows: Int
  let columns: Int
  /// How far apart the rows lie: an odd number of cache lines, so that a column falls into all sets
  /// of a cache.
  let rowStep: Int
  let numbers: UnsafeMutablePointer<S>

  /// Zeros.
  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    let line = 64 / MemoryLayout<S>.stride
    rowStep = line * ((columns + line - 1) / line | 1)
    numbers = .allocate(capacity: max(1, rows * rowStep))
    numbers.initialize(repeating: 0, count: rows * rowStep)
  }

  func deallocate() { numbers.deallocate() }

  /// Where a row begins.
  @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<S> { numbers + index * rowStep }

  /// How many rows of a product, and how many of its columns, are computed at a time: they and the
  /// rows of the second factor stay in the first caches.
  static var rowsInBand: Int { 8 * MatrixProduct.rowsInTile }

  /// The pieces in which a product with so many rows, or columns, is computed.
  static func bandCount(_ rows: Int) -> Int { (rows + rowsInBand - 1) / rowsInBand }

  /// Those of so many that are in a band.
  static func band(_ index: Int, of rows: Int) -> Range<Int> {
    index * rowsInBand..<min(rows, (index + 1) * rowsInBand)
  }

  /// Calls a function for each row, band by band, with room for some numbers.
  func forEachRow(
    _ pass: borrowing KernelContext<some LossScalar>, workspace: Int,
    _ work: (_ row: Int, _ workspace: UnsafeMutablePointer<S>) -> Void
  ) {
    let pass = copy pass
    pass.parallelForEach(Self.bandCount(rows), workspace: workspace) {
      (index, workspace: UnsafeMutablePointer<S>) in
      for row in Self.band(index, of: rows) { work(row, workspace) }
    }
  }
}

/// Products of tables.
extension Matrix {
  /// A part of the first factor of a product, with the steps to its next row and its next column.
  typealias Factor = (
    start: UnsafePointer<S>, rowStep: Int, columnStep: Int
  )

  /// The products of all rows of one table with all rows of another, which are those of this table
  /// and its columns.
  func multiply(_ pass: borrowing KernelContext<some LossScalar>, _ left: Self, _ right: Self) {
    let pass = copy pass
    pass.parallelForEach(Self.bandCount(columns), workspace: Self.rowsInBand * right.columns) {
      index, workspace in
      multiply(left, right, rows: rows, Self.band(index, of: columns), workspace)
    }
  }

  /// The products of all pairs of rows of one table: those above the diagonal are computed, the
  /// others are the same.
  func multiply(_ pass: borrowing KernelContext<some LossScalar>, _ vectors: Self) {
    let pass = copy pass
    let count = Self.bandCount(rows)
    pass.parallelForEach(count, workspace: Self.rowsInBand * vectors.columns) { index, workspace in
      // The longest columns first, so that no thread is left with one.
      let band = Self.band(count - 1 - index, of: rows)
      multiply(vectors, vectors, rows: band.upperBound, band, workspace)
      MatrixProduct.transpose(
        rows: band.upperBound, columns: band.count,
        (UnsafePointer(numbers + band.lowerBound), rowStep), to: (row(band.lowerBound), rowStep))
    }
  }

  /// Some columns of the products, for the first rows.
  func multiply(
    _ left: Self, _ right: Self, rows: Int, _ band: Range<Int>, _ workspace: UnsafeMutablePointer<S>
  ) {
    MatrixProduct.transpose(
      rows: band.count, columns: right.columns,
      (UnsafePointer(right.row(band.lowerBound)), right.rowStep), to: (workspace, Self.rowsInBand))
    MatrixProduct.add(
      rows: rows, columns: band.count, inner: right.columns,
      (UnsafePointer(left.numbers), left.rowStep, 1), (UnsafePointer(workspace), Self.rowsInBand),
      to: (numbers + band.lowerBound, rowStep))
  }

  /// How many columns of the first factor are needed at a time.
  static var columnsInFactor: Int { 2 * MatrixProduct.productsInSum }

  /// Computes a product with a table band by band, the first factor of which is given in parts, and
  /// calls a function with each row.
  ///
  /// A part may lie in the room for as many numbers, where its rows are ``rowsInBand`` apart, or in
  /// any other place.
  func forEachProduct(
    _ pass: borrowing KernelContext<some LossScalar>, rows: Int,
    _ factor: (
      _ rows: Range<Int>, _ columns: Range<Int>, _ workspace: UnsafeMutablePointer<S>
    ) -> Factor,
    _ work: (_ row: Int, _ product: UnsafeMutablePointer<S>) -> Void
  ) {
    let pass = copy pass
    let partSize = Self.rowsInBand * Self.columnsInFactor
    let size = partSize + Self.rowsInBand * rowStep
    pass.parallelForEach(Self.bandCount(rows), workspace: size) {
      (index, workspace: UnsafeMutablePointer<S>) in
      let band = Self.band(index, of: rows)
      let sums = workspace + partSize
      sums.initialize(repeating: 0, count: band.count * rowStep)
      for first in stride(from: 0, to: self.rows, by: Self.columnsInFactor) {
        let part = first..<min(self.rows, first + Self.columnsInFactor)
        MatrixProduct.add(
          rows: band.count, columns: columns, inner: part.count, factor(band, part, workspace),
          (UnsafePointer(row(first)), rowStep), to: (sums, rowStep))
      }
      for row in band { work(row, sums + (row - band.lowerBound) * rowStep) }
    }
  }

  /// A part of this table.
  func part(_ rows: Range<Int>, _ columns: Range<Int>) -> Factor {
    (UnsafePointer(row(rows.lowerBound) + columns.lowerBound), rowStep, 1)
  }

  /// A part of this table with rows and columns exchanged.
  func transposedTile(_ rows: Range<Int>, _ columns: Range<Int>) -> Factor {
    (UnsafePointer(row(columns.lowerBound) + rows.lowerBound), 1, rowStep)
  }

  /// A part of the sum of this table and itself with rows and columns exchanged.
  func symmetricTile(
    _ rows: Range<Int>, _ columns: Range<Int>, _ workspace: UnsafeMutablePointer<S>
  ) -> Factor {
    let along = part(rows, columns)
    MatrixProduct.transpose(
      rows: rows.count, columns: columns.count, (along.start, rowStep),
      to: (workspace, Self.rowsInBand))
    for column in columns {
      let sums = workspace + (column - columns.lowerBound) * Self.rowsInBand
      let across = row(column) + rows.lowerBound
      for i in 0..<rows.count { sums[i] += across[i] }
    }
    return (UnsafePointer(workspace), 1, Self.rowsInBand)
  }
}
