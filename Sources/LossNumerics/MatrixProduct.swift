/// Products of matrices that lie in memory row by row, for losses that contain one.
///
/// An element is a sum of sums: ``productsInSum`` products in the order of their index, and what they
/// come to added to what the element has, all in the arithmetic of the elements. So the error grows
/// with the number of such sums and not with that of the products, and the bits depend neither on the
/// extents of the other axes nor on how a caller cuts a product into blocks or shares them between
/// threads, if it cuts the sums themselves at multiples of ``productsInSum``.
///
/// The result is computed in tiles of six rows and as many columns as two vectors of 256 bits have,
/// whose sums stay in registers. That is at its best where the rows of the second factor do not lie a
/// power of 2 apart, and ``rowsInTile`` divides the number of rows.
public enum MatrixProduct {
  /// How many rows of the result a tile has.
  @inlinable public static var rowsInTile: Int { 6 }
  /// How many products are added to each other before they are added to an element.
  @inlinable public static var productsInSum: Int { 32 }

  /// Adds the product of two matrices to a third: `c[i, j] += Σ a[i, p] b[p, j]`.
  ///
  /// The result must not overlap the factors.
  ///
  /// - Parameters:
  ///   - rows: how many rows `a` and `c` have.
  ///   - columns: how many columns `b` and `c` have.
  ///   - inner: how many columns `a` and rows `b` has.
  ///   - a: the first factor, with the steps to the next row and to the next column: a transposed
  ///     matrix is one with the steps exchanged.
  ///   - b: the second factor, with the step to its next row.
  ///   - c: the result, with the step to its next row.
  @inlinable
  public static func add<S: LossScalar>(
    rows: Int, columns: Int, inner: Int,
    _ a: (start: UnsafePointer<S>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<S>, rowStep: Int),
    to c: (start: UnsafeMutablePointer<S>, rowStep: Int)
  ) {
    for p in stride(from: 0, to: inner, by: productsInSum) {
      let left = (a.start + p * a.columnStep, a.rowStep, a.columnStep)
      let right = (b.start + p * b.rowStep, b.rowStep)
      let count = min(productsInSum, inner - p)
      if MemoryLayout<S>.size == MemoryLayout<Float>.size {
        addSums(SIMD16<S>.self, rows: rows, columns: columns, left, right, count, to: c)
      } else {
        addSums(SIMD8<S>.self, rows: rows, columns: columns, left, right, count, to: c)
      }
    }
  }

  /// Writes the transpose of a matrix: `to[j, i] = from[i, j]`.
  @inlinable
  public static func transpose<S: LossScalar>(
    rows: Int, columns: Int, _ from: (start: UnsafePointer<S>, rowStep: Int),
    to: (start: UnsafeMutablePointer<S>, rowStep: Int)
  ) {
    let (squareRows, squareColumns) = (rows - rows % 4, columns - columns % 4)
    for i in stride(from: 0, to: squareRows, by: 4) {
      for j in stride(from: 0, to: squareColumns, by: 4) {
        transposeSquare(
          (from.start + (i * from.rowStep + j), from.rowStep),
          to: (to.start + (j * to.rowStep + i), to.rowStep))
      }
    }
    for i in 0..<rows {
      let row = from.start + i * from.rowStep
      for j in (i < squareRows ? squareColumns : 0)..<columns {
        to.start[j * to.rowStep + i] = row[j]
      }
    }
  }

  /// Four rows of four numbers: a vector is written at once, not a number.
  @inlinable @inline(__always)
  static func transposeSquare<S: LossScalar>(
    _ from: (start: UnsafePointer<S>, rowStep: Int),
    to: (start: UnsafeMutablePointer<S>, rowStep: Int)
  ) {
    let a = read(SIMD4<S>.self, from.start, 4)
    let b = read(SIMD4<S>.self, from.start + from.rowStep, 4)
    let c = read(SIMD4<S>.self, from.start + 2 * from.rowStep, 4)
    let d = read(SIMD4<S>.self, from.start + 3 * from.rowStep, 4)
    write(SIMD4(a[0], b[0], c[0], d[0]), to: to.start)
    write(SIMD4(a[1], b[1], c[1], d[1]), to: to.start + to.rowStep)
    write(SIMD4(a[2], b[2], c[2], d[2]), to: to.start + 2 * to.rowStep)
    write(SIMD4(a[3], b[3], c[3], d[3]), to: to.start + 3 * to.rowStep)
  }

  /// Adds one sum of products to each element, tile by tile.
  @inlinable @inline(__always)
  static func addSums<V: SIMD>(
    _ type: V.Type, rows: Int, columns: Int,
    _ a: (start: UnsafePointer<V.Scalar>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<V.Scalar>, rowStep: Int), _ count: Int,
    to c: (start: UnsafeMutablePointer<V.Scalar>, rowStep: Int)
  ) where V.Scalar: LossScalar {
    for j in stride(from: 0, to: columns, by: V.scalarCount) {
      for i in stride(from: 0, to: rows, by: rowsInTile) {
        let left = (a.start + i * a.rowStep, a.rowStep, a.columnStep)
        let result = (c.start + (i * c.rowStep + j), c.rowStep)
        let tile = (rows: min(rowsInTile, rows - i), columns: min(V.scalarCount, columns - j))
        if tile == (rowsInTile, V.scalarCount) {
          addTile(
            type, (rowsInTile, V.scalarCount), left, (b.start + j, b.rowStep), count, to: result)
        } else {
          addTile(type, tile, left, (b.start + j, b.rowStep), count, to: result)
        }
      }
    }
  }

  /// Adds one sum of products to each element of a tile, or of the part of it that is there.
  @inlinable @inline(__always)
  static func addTile<V: SIMD>(
    _ type: V.Type, _ tile: (rows: Int, columns: Int),
    _ a: (start: UnsafePointer<V.Scalar>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<V.Scalar>, rowStep: Int), _ count: Int,
    to c: (start: UnsafeMutablePointer<V.Scalar>, rowStep: Int)
  ) where V.Scalar: LossScalar {
    // Rows that are not there are computed from the last that is, and not written.
    let last = tile.rows - 1
    let rows = (
      min(1, last) * a.rowStep, min(2, last) * a.rowStep, min(3, last) * a.rowStep,
      min(4, last) * a.rowStep, min(5, last) * a.rowStep
    )
    var sums = (V.zero, V.zero, V.zero, V.zero, V.zero, V.zero)
    for p in 0..<count {
      let left = a.start + p * a.columnStep
      let row = read(type, b.start + p * b.rowStep, tile.columns)
      sums.0 = multiplyAdd(left[0], row, sums.0)
      sums.1 = multiplyAdd(left[rows.0], row, sums.1)
      sums.2 = multiplyAdd(left[rows.1], row, sums.2)
      sums.3 = multiplyAdd(left[rows.2], row, sums.3)
      sums.4 = multiplyAdd(left[rows.3], row, sums.4)
      sums.5 = multiplyAdd(left[rows.4], row, sums.5)
    }
    add(sums.0, tile.columns, to: c.start)
    if last >= 1 { add(sums.1, tile.columns, to: c.start + c.rowStep) }
    if last >= 2 { add(sums.2, tile.columns, to: c.start + 2 * c.rowStep) }
    if last >= 3 { add(sums.3, tile.columns, to: c.start + 3 * c.rowStep) }
    if last >= 4 { add(sums.4, tile.columns, to: c.start + 4 * c.rowStep) }
    if last >= 5 { add(sums.5, tile.columns, to: c.start + 5 * c.rowStep) }
  }

  /// Some numbers as one vector, with zeros in the lanes that are left.
  @inlinable @inline(__always)
  static func read<V: SIMD>(
    _ type: V.Type, _ start: UnsafePointer<V.Scalar>, _ count: Int
  ) -> V where V.Scalar: LossScalar {
    guard count < V.scalarCount else {
      return UnsafeRawPointer(start).loadUnaligned(as: type)
    }
    var numbers = V.zero
    for lane in 0..<count { numbers[lane] = start[lane] }
    return numbers
  }

  /// Adds the first lanes of a vector to some numbers.
  @inlinable @inline(__always)
  static func add<V: SIMD>(
    _ sums: V, _ count: Int, to start: UnsafeMutablePointer<V.Scalar>
  ) where V.Scalar: LossScalar {
    guard count < V.scalarCount else {
      write(UnsafeRawPointer(start).loadUnaligned(as: V.self) + sums, to: start)
      return
    }
    for lane in 0..<count { start[lane] += sums[lane] }
  }

  @inlinable @inline(__always)
  static func write<V: SIMD>(_ numbers: V, to start: UnsafeMutablePointer<V.Scalar>) {
    UnsafeMutableRawPointer(start).storeBytes(of: numbers, as: V.self)
  }
}
