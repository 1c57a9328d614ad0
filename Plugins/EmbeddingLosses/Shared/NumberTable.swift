public import LossCore

/// Rows of numbers in memory of their own, to be released with ``deallocate()``.
@usableFromInline struct NumberTable {
  @usableFromInline let rows: Int
  @usableFromInline let columns: Int
  /// How far apart the rows lie: an odd number of cache lines, so that a column falls into all sets
  /// of a cache.
  @usableFromInline let rowStep: Int
  @usableFromInline let numbers: UnsafeMutablePointer<Double>

  /// Zeros.
  @inlinable
  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    rowStep = 8 * ((columns + 7) / 8 | 1)
    numbers = .allocate(capacity: max(1, rows * rowStep))
    numbers.initialize(repeating: 0, count: rows * rowStep)
  }

  @inlinable func deallocate() { numbers.deallocate() }

  /// Where a row begins.
  @inlinable @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<Double> { numbers + index * rowStep }

  /// Rows and columns exchanged, in memory of their own.
  @inlinable
  func transposed() -> NumberTable {
    let result = NumberTable(rows: columns, columns: rows)
    MatrixProduct.transpose(
      rows: rows, columns: columns, (UnsafePointer(numbers), rowStep),
      to: (result.numbers, result.rowStep))
    return result
  }

  /// How many rows of a product, and how many of its columns, are computed at a time: they and the
  /// rows of the second factor stay in the first caches.
  @inlinable static var rowsInBand: Int { 6 * MatrixProduct.rowsInTile }
  @inlinable static var columnsInBlock: Int { 512 }

  /// The pieces in which a product is computed.
  @inlinable var bandCount: Int { (rows + Self.rowsInBand - 1) / Self.rowsInBand }

  /// The rows of a band.
  @inlinable
  func band(_ index: Int) -> Range<Int> {
    index * Self.rowsInBand..<min(rows, (index + 1) * Self.rowsInBand)
  }

  /// Writes a band of `left · right`, from a column on.
  @inlinable
  func setBand(
    _ index: Int, toProductOf left: NumberTable, _ right: NumberTable, from first: Int = 0
  ) {
    let band = band(index)
    for column in stride(from: first, to: columns, by: Self.columnsInBlock) {
      MatrixProduct.add(
        rows: band.count, columns: min(Self.columnsInBlock, columns - column), inner: left.columns,
        (UnsafePointer(left.row(band.lowerBound)), left.rowStep, 1),
        (UnsafePointer(right.numbers + column), right.rowStep),
        to: (row(band.lowerBound) + column, rowStep))
    }
  }
}
