import LossCore

/// A row-major matrix in its own memory, to be released with ``deallocate()``.
struct Matrix<S: LossScalar> {
  let rows: Int
  let columns: Int
  /// The row stride: an odd number of cache lines, so that a column uses all sets of a cache.
  let rowStep: Int
  let numbers: UnsafeMutablePointer<S>

  /// A matrix of zeros.
  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    let line = 64 / MemoryLayout<S>.stride
    rowStep = line * ((columns + line - 1) / line | 1)
    numbers = .allocate(capacity: max(1, rows * rowStep))
    numbers.initialize(repeating: 0, count: rows * rowStep)
  }

  func deallocate() { numbers.deallocate() }

  /// The start of a row.
  @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<S> { numbers + index * rowStep }

  /// A copy of some rows.
  func rows(_ indices: [Int]) -> Matrix {
    let copy = Matrix(rows: indices.count, columns: columns)
    for (index, row) in indices.enumerated() {
      copy.row(index).update(from: self.row(row), count: columns)
    }
    return copy
  }

  /// Adds a matrix of the same shape.
  func add(_ other: Matrix) {
    for row in 0..<rows {
      let (sum, added) = (self.row(row), other.row(row))
      for j in 0..<columns { sum[j] += added[j] }
    }
  }

  /// The number of rows or columns of a product in one chunk: they and the rows of the second
  /// factor fit in the first-level caches.
  static var rowsInChunk: Int { 8 * MatrixProduct.rowsInTile }

  /// The number of chunks for this number of rows or columns.
  static func chunkCount(_ rows: Int) -> Int { (rows + rowsInChunk - 1) / rowsInChunk }

  /// The rows or columns of one chunk.
  static func chunk(_ index: Int, of rows: Int) -> Range<Int> {
    index * rowsInChunk..<min(rows, (index + 1) * rowsInChunk)
  }

  /// Calls a function for each row, in parallel over chunks, with a workspace of this size.
  func forEachRow(
    _ context: borrowing KernelContext<some LossScalar>, workspace: Int,
    _ work: (_ row: Int, _ workspace: UnsafeMutablePointer<S>) -> Void
  ) {
    let context = copy context
    context.parallelForEach(Self.chunkCount(rows), workspace: workspace) {
      (index, workspace: UnsafeMutablePointer<S>) in
      for row in Self.chunk(index, of: rows) { work(row, workspace) }
    }
  }
}

/// Matrix products.
extension Matrix {
  /// A tile of the first factor of a product, with its row and column strides.
  typealias Factor = (
    start: UnsafePointer<S>, rowStep: Int, columnStep: Int
  )

  /// Adds `left · rightᵀ`, the dot products of all rows of both.
  func addProduct(_ context: borrowing KernelContext<some LossScalar>, _ left: Self, _ right: Self)
  {
    let context = copy context
    context.parallelForEach(Self.chunkCount(columns), workspace: Self.rowsInChunk * right.columns) {
      index, workspace in
      multiply(left, right, rows: rows, Self.chunk(index, of: columns), workspace)
    }
  }

  /// Adds `vectors · vectorsᵀ` to a matrix of zeros: one triangle is computed and mirrored.
  func addProduct(_ context: borrowing KernelContext<some LossScalar>, _ vectors: Self) {
    let context = copy context
    let count = Self.chunkCount(rows)
    context.parallelForEach(count, workspace: Self.rowsInChunk * vectors.columns) {
      index, workspace in
      // Longest columns first, to balance the threads.
      let chunk = Self.chunk(count - 1 - index, of: rows)
      multiply(vectors, vectors, rows: chunk.upperBound, chunk, workspace)
      MatrixProduct.transpose(
        rows: chunk.upperBound, columns: chunk.count,
        (UnsafePointer(numbers + chunk.lowerBound), rowStep), to: (row(chunk.lowerBound), rowStep))
    }
  }

  /// One chunk of columns of the product, for the first `rows` rows.
  func multiply(
    _ left: Self, _ right: Self, rows: Int, _ chunk: Range<Int>,
    _ workspace: UnsafeMutablePointer<S>
  ) {
    MatrixProduct.transpose(
      rows: chunk.count, columns: right.columns,
      (UnsafePointer(right.row(chunk.lowerBound)), right.rowStep), to: (workspace, Self.rowsInChunk)
    )
    MatrixProduct.add(
      rows: rows, columns: chunk.count, inner: right.columns,
      (UnsafePointer(left.numbers), left.rowStep, 1), (UnsafePointer(workspace), Self.rowsInChunk),
      to: (numbers + chunk.lowerBound, rowStep))
  }

  /// The number of columns of the first factor that one tile holds.
  static var columnsInFactor: Int { 2 * MatrixProduct.productsInSum }

  /// Computes `factor · self` chunk by chunk and calls a function with each row of the product.
  ///
  /// The factor is requested in tiles. A tile may be written to the workspace, with row stride
  /// ``rowsInChunk``, or lie in other memory.
  func forEachProduct(
    _ context: borrowing KernelContext<some LossScalar>, rows: Int,
    _ factor: (
      _ rows: Range<Int>, _ columns: Range<Int>, _ workspace: UnsafeMutablePointer<S>
    ) -> Factor,
    _ work: (_ row: Int, _ product: UnsafeMutablePointer<S>) -> Void
  ) {
    let context = copy context
    let tileSize = Self.rowsInChunk * Self.columnsInFactor
    let size = tileSize + Self.rowsInChunk * rowStep
    context.parallelForEach(Self.chunkCount(rows), workspace: size) {
      (index, workspace: UnsafeMutablePointer<S>) in
      let chunk = Self.chunk(index, of: rows)
      let sums = workspace + tileSize
      sums.initialize(repeating: 0, count: chunk.count * rowStep)
      for first in stride(from: 0, to: self.rows, by: Self.columnsInFactor) {
        let columnRange = first..<min(self.rows, first + Self.columnsInFactor)
        MatrixProduct.add(
          rows: chunk.count, columns: columns, inner: columnRange.count,
          factor(chunk, columnRange, workspace),
          (UnsafePointer(row(first)), rowStep), to: (sums, rowStep))
      }
      for row in chunk { work(row, sums + (row - chunk.lowerBound) * rowStep) }
    }
  }

  /// A tile of this matrix.
  func tile(_ rows: Range<Int>, _ columns: Range<Int>) -> Factor {
    (UnsafePointer(row(rows.lowerBound) + columns.lowerBound), rowStep, 1)
  }

  /// A tile of the transpose.
  func transposedTile(_ rows: Range<Int>, _ columns: Range<Int>) -> Factor {
    (UnsafePointer(row(columns.lowerBound) + rows.lowerBound), 1, rowStep)
  }

  /// A tile of the sum of this matrix and its transpose.
  func symmetricTile(
    _ rows: Range<Int>, _ columns: Range<Int>, _ workspace: UnsafeMutablePointer<S>
  ) -> Factor {
    let tile = tile(rows, columns)
    MatrixProduct.transpose(
      rows: rows.count, columns: columns.count, (tile.start, rowStep),
      to: (workspace, Self.rowsInChunk))
    for column in columns {
      let sums = workspace + (column - columns.lowerBound) * Self.rowsInChunk
      let transposed = row(column) + rows.lowerBound
      for i in 0..<rows.count { sums[i] += transposed[i] }
    }
    return (UnsafePointer(workspace), 1, Self.rowsInChunk)
  }
}
