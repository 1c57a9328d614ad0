/// Products of matrices that lie in memory row by row, for losses that contain one.
///
/// An element is the sum of its products in the order of their index, each added in the arithmetic of
/// the elements, so that the bits depend neither on the extents of the other axes nor on how a
/// caller cuts a product into blocks or shares them between threads.
///
/// The result is computed in tiles of six rows and eight columns, whose sums stay in registers for the
/// whole length of a product; what is left at the edges, row by row. That is at its best where eight
/// columns of the second factor are in the first cache and its rows do not lie a power of 2 apart; a
/// caller cuts accordingly, into a multiple of ``rowsInTile``.
public enum MatrixProduct {
  /// How many rows of the result a tile has.
  @inlinable public static var rowsInTile: Int { 6 }
  @inlinable static var columnsInTile: Int { 8 }

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
    let tiledRows = rows - rows % rowsInTile
    let tiledColumns = columns - columns % columnsInTile
    for j in stride(from: 0, to: tiledColumns, by: columnsInTile) {
      for i in stride(from: 0, to: tiledRows, by: rowsInTile) {
        addTile(
          (a.start + i * a.rowStep, a.rowStep, a.columnStep), (b.start + j, b.rowStep), inner,
          to: (c.start + (i * c.rowStep + j), c.rowStep))
      }
    }
    for i in 0..<rows {
      let first = i < tiledRows ? tiledColumns : 0
      addRow(
        (a.start + i * a.rowStep, a.columnStep), (b.start + first, b.rowStep), inner,
        to: c.start + (i * c.rowStep + first), columns: columns - first)
    }
  }

  /// Writes the transpose of a matrix: `to[j, i] = from[i, j]`.
  @inlinable
  public static func transpose<S: LossScalar>(
    rows: Int, columns: Int, _ from: (start: UnsafePointer<S>, rowStep: Int),
    to: (start: UnsafeMutablePointer<S>, rowStep: Int)
  ) {
    for i in 0..<rows {
      let row = from.start + i * from.rowStep
      for j in 0..<columns { to.start[j * to.rowStep + i] = row[j] }
    }
  }

  /// Adds to six rows of eight columns.
  @inlinable @inline(__always)
  static func addTile<S: LossScalar>(
    _ a: (start: UnsafePointer<S>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<S>, rowStep: Int), _ inner: Int,
    to c: (start: UnsafeMutablePointer<S>, rowStep: Int)
  ) {
    var sums = (
      eight(c.start), eight(c.start + c.rowStep), eight(c.start + 2 * c.rowStep),
      eight(c.start + 3 * c.rowStep), eight(c.start + 4 * c.rowStep),
      eight(c.start + 5 * c.rowStep)
    )
    for p in 0..<inner {
      let left = a.start + p * a.columnStep
      let row = eight(b.start + p * b.rowStep)
      sums.0 = multiplyAdd(left[0], row, sums.0)
      sums.1 = multiplyAdd(left[a.rowStep], row, sums.1)
      sums.2 = multiplyAdd(left[2 * a.rowStep], row, sums.2)
      sums.3 = multiplyAdd(left[3 * a.rowStep], row, sums.3)
      sums.4 = multiplyAdd(left[4 * a.rowStep], row, sums.4)
      sums.5 = multiplyAdd(left[5 * a.rowStep], row, sums.5)
    }
    write(sums.0, to: c.start)
    write(sums.1, to: c.start + c.rowStep)
    write(sums.2, to: c.start + 2 * c.rowStep)
    write(sums.3, to: c.start + 3 * c.rowStep)
    write(sums.4, to: c.start + 4 * c.rowStep)
    write(sums.5, to: c.start + 5 * c.rowStep)
  }

  @inlinable @inline(__always)
  static func eight<S: LossScalar>(_ start: UnsafePointer<S>) -> SIMD8<S> {
    UnsafeRawPointer(start).loadUnaligned(as: SIMD8<S>.self)
  }

  @inlinable @inline(__always)
  static func write<S: LossScalar>(_ numbers: SIMD8<S>, to start: UnsafeMutablePointer<S>) {
    UnsafeMutableRawPointer(start).storeBytes(of: numbers, as: SIMD8<S>.self)
  }

  /// Adds to one row, four products at a time.
  @inlinable @inline(__always)
  static func addRow<S: LossScalar>(
    _ a: (start: UnsafePointer<S>, step: Int), _ b: (start: UnsafePointer<S>, rowStep: Int),
    _ inner: Int, to c: UnsafeMutablePointer<S>, columns: Int
  ) {
    guard columns > 0 else { return }
    var p = 0
    while p + 3 < inner {
      let left = a.start + p * a.step
      let (a0, a1, a2, a3) = (left[0], left[a.step], left[2 * a.step], left[3 * a.step])
      let row = b.start + p * b.rowStep
      let (b1, b2, b3) = (row + b.rowStep, row + 2 * b.rowStep, row + 3 * b.rowStep)
      for j in 0..<columns {
        let sum = multiplyAdd(a1, b1[j], multiplyAdd(a0, row[j], c[j]))
        c[j] = multiplyAdd(a3, b3[j], multiplyAdd(a2, b2[j], sum))
      }
      p += 4
    }
    while p < inner {
      let row = b.start + p * b.rowStep
      for j in 0..<columns { c[j] = multiplyAdd(a.start[p * a.step], row[j], c[j]) }
      p += 1
    }
  }
}
