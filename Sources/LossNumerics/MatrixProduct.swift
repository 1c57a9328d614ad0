/// Products of matrices that lie in memory row by row, for losses that contain one.
///
/// An element is the sum of its products in the order of their index, each added in the arithmetic of
/// the elements, so that the bits depend neither on the extents of the other axes nor on how a
/// caller cuts a product into blocks or shares them between threads.
///
/// The loops are plain: two rows and four products at a time, which the compiler vectorises along
/// the row of the result. They are at their best where a row of the result and four rows of the
/// second factor are in the first cache, up to some 500 columns; a caller cuts accordingly.
public enum MatrixProduct {
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
    var i = 0
    while i < rows {
      let isPair = i + 1 < rows
      let first = c.start + i * c.rowStep
      let second = isPair ? first + c.rowStep : first
      var p = 0
      while p + 3 < inner {
        let row = b.start + p * b.rowStep
        let left = factors(a, row: i, p)
        if isPair {
          addFour(
            row, b.rowStep, columns, left, factors(a, row: i + 1, p), to: first, second)
        } else {
          addFour(row, b.rowStep, columns, left, to: first)
        }
        p += 4
      }
      while p < inner {
        let row = b.start + p * b.rowStep
        addOne(row, columns, a.start[i * a.rowStep + p * a.columnStep], to: first)
        if isPair {
          addOne(row, columns, a.start[(i + 1) * a.rowStep + p * a.columnStep], to: second)
        }
        p += 1
      }
      i += 2
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

  @inlinable @inline(__always)
  static func factors<S: LossScalar>(
    _ a: (start: UnsafePointer<S>, rowStep: Int, columnStep: Int), row: Int, _ p: Int
  ) -> (S, S, S, S) {
    let start = a.start + (row * a.rowStep + p * a.columnStep)
    return (start[0], start[a.columnStep], start[2 * a.columnStep], start[3 * a.columnStep])
  }

  /// Adds four rows, each times a number, to two rows of the result.
  @inlinable @inline(__always)
  static func addFour<S: LossScalar>(
    _ b: UnsafePointer<S>, _ step: Int, _ columns: Int, _ left: (S, S, S, S),
    _ right: (S, S, S, S), to first: UnsafeMutablePointer<S>, _ second: UnsafeMutablePointer<S>
  ) {
    let (b1, b2, b3) = (b + step, b + 2 * step, b + 3 * step)
    for j in 0..<columns {
      let (x0, x1, x2, x3) = (b[j], b1[j], b2[j], b3[j])
      var sum = multiplyAdd(left.0, x0, first[j])
      sum = multiplyAdd(left.1, x1, sum)
      sum = multiplyAdd(left.2, x2, sum)
      first[j] = multiplyAdd(left.3, x3, sum)
      var other = multiplyAdd(right.0, x0, second[j])
      other = multiplyAdd(right.1, x1, other)
      other = multiplyAdd(right.2, x2, other)
      second[j] = multiplyAdd(right.3, x3, other)
    }
  }

  /// Adds four rows, each times a number, to one row of the result.
  @inlinable @inline(__always)
  static func addFour<S: LossScalar>(
    _ b: UnsafePointer<S>, _ step: Int, _ columns: Int, _ left: (S, S, S, S),
    to first: UnsafeMutablePointer<S>
  ) {
    let (b1, b2, b3) = (b + step, b + 2 * step, b + 3 * step)
    for j in 0..<columns {
      var sum = multiplyAdd(left.0, b[j], first[j])
      sum = multiplyAdd(left.1, b1[j], sum)
      sum = multiplyAdd(left.2, b2[j], sum)
      first[j] = multiplyAdd(left.3, b3[j], sum)
    }
  }

  @inlinable @inline(__always)
  static func addOne<S: LossScalar>(
    _ b: UnsafePointer<S>, _ columns: Int, _ factor: S, to c: UnsafeMutablePointer<S>
  ) {
    for j in 0..<columns { c[j] = multiplyAdd(factor, b[j], c[j]) }
  }
}
