/// Matrix products of row-major matrices, for losses that contain one.
///
/// Each element is summed in groups: ``productsInSum`` products are added in the order of their
/// index, and their sum is added to the element, all in the precision of the elements. The error
/// therefore grows with the number of groups, not with the number of products. The bits depend
/// neither on the other extents nor on how a caller splits a product into tiles or chunks, as long
/// as it splits the inner axis at multiples of ``productsInSum``.
///
/// The result is computed in tiles of six rows and two vectors of columns (three for 512-bit
/// vectors), whose sums stay in registers. This is fastest if the row stride of the second factor
/// is not a power of 2, ``rowsInTile`` divides the number of rows, and the tile width divides the
/// number of columns.
public enum MatrixProduct {
  /// The number of rows of a tile of the result.
  @inlinable public static var rowsInTile: Int { 6 }
  /// The number of products that are summed before the sum is added to an element.
  @inlinable public static var productsInSum: Int { 32 }

  /// A matrix in memory; exchanged steps transpose it.
  public typealias Factor<S> = (start: UnsafePointer<S>, rowStep: Int, columnStep: Int)
  /// A matrix in memory whose rows are contiguous.
  public typealias Rows<S> = (start: UnsafePointer<S>, rowStep: Int)
  /// Memory of a matrix whose rows are contiguous.
  public typealias MutableRows<S> = (start: UnsafeMutablePointer<S>, rowStep: Int)
  /// The number of rows and columns of a product, and of the products in an element of it.
  public typealias Extents = (rows: Int, columns: Int, inner: Int)

  /// `add` in tiles for vectors of 256 bits, or of 512. Compiled into the caller, with its instruction
  /// set.
  @export(implementation)
  @inline(__always)
  public static func inlineAdd(
    isWide: Bool, _ extents: Extents, _ a: Factor<Float>, _ b: Rows<Float>,
    to c: MutableRows<Float>
  ) {
    if isWide {
      typealias Vector = TileVector<SIMD16<Float>>
      add(TileRow<TileRow<Vector, Vector>, Vector>.self, Vector.self, extents, a, b, to: c)
    } else {
      typealias Vector = TileVector<SIMD8<Float>>
      add(TileRow<Vector, Vector>.self, Vector.self, extents, a, b, to: c)
    }
  }

  /// The same in `Double`.
  @export(implementation)
  @inline(__always)
  public static func inlineAdd(
    isWide: Bool, _ extents: Extents, _ a: Factor<Double>, _ b: Rows<Double>,
    to c: MutableRows<Double>
  ) {
    if isWide {
      typealias Vector = TileVector<SIMD8<Double>>
      add(TileRow<TileRow<Vector, Vector>, Vector>.self, Vector.self, extents, a, b, to: c)
    } else {
      typealias Vector = TileVector<SIMD4<Double>>
      add(TileRow<Vector, Vector>.self, Vector.self, extents, a, b, to: c)
    }
  }

  /// `add` without tiles, which has the same bits.
  public static func plainAdd<S: LossScalar>(
    _ extents: Extents, _ a: Factor<S>, _ b: Rows<S>, to c: MutableRows<S>
  ) {
    for i in 0..<extents.rows {
      for j in 0..<extents.columns {
        for first in stride(from: 0, to: extents.inner, by: productsInSum) {
          var sum: S = 0
          for p in first..<min(extents.inner, first + productsInSum) {
            sum = multiplyAdd(
              a.start[i * a.rowStep + p * a.columnStep], b.start[p * b.rowStep + j], sum)
          }
          c.start[i * c.rowStep + j] += sum
        }
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

  /// Transposes a 4 × 4 tile with vector stores.
  @inlinable @inline(__always)
  static func transposeSquare<S: LossScalar>(
    _ from: (start: UnsafePointer<S>, rowStep: Int),
    to: (start: UnsafeMutablePointer<S>, rowStep: Int)
  ) {
    let a = read(SIMD4<S>.self, from.start)
    let b = read(SIMD4<S>.self, from.start + from.rowStep)
    let c = read(SIMD4<S>.self, from.start + 2 * from.rowStep)
    let d = read(SIMD4<S>.self, from.start + 3 * from.rowStep)
    write(SIMD4(a[0], b[0], c[0], d[0]), to: to.start)
    write(SIMD4(a[1], b[1], c[1], d[1]), to: to.start + to.rowStep)
    write(SIMD4(a[2], b[2], c[2], d[2]), to: to.start + 2 * to.rowStep)
    write(SIMD4(a[3], b[3], c[3], d[3]), to: to.start + 3 * to.rowStep)
  }

  /// Adds the groups of products one after the other: in tiles of several vectors, then in tiles of
  /// one vector, then in a partial vector for the remaining columns.
  @export(implementation) @inline(__always)
  static func add<Wide: TileColumns, Single: TileColumns>(
    _ wide: Wide.Type, _ single: Single.Type, _ extents: Extents,
    _ a: (start: UnsafePointer<Wide.Scalar>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<Wide.Scalar>, rowStep: Int),
    to c: (start: UnsafeMutablePointer<Wide.Scalar>, rowStep: Int)
  ) where Wide.Scalar == Single.Scalar {
    let (rows, columns, inner) = extents
    for p in stride(from: 0, to: inner, by: productsInSum) {
      let left = (a.start + p * a.columnStep, a.rowStep, a.columnStep)
      let right = b.start + p * b.rowStep
      let count = min(productsInSum, inner - p)
      var j = 0
      while j &+ Wide.columns <= columns {
        addTiles(
          wide, rows: rows, left, (right + j, b.rowStep), count, to: (c.start + j, c.rowStep))
        j &+= Wide.columns
      }
      while j &+ Single.columns <= columns {
        addTiles(
          single, rows: rows, left, (right + j, b.rowStep), count, to: (c.start + j, c.rowStep))
        j &+= Single.columns
      }
      if j < columns {
        addTiles(
          single, rows: rows, columns: columns - j, left, (right + j, b.rowStep), count,
          to: (c.start + j, c.rowStep))
      }
    }
  }

  /// Adds one group of products to each element of the columns of a tile.
  @export(implementation) @inline(__always)
  static func addTiles<R: TileColumns>(
    _ type: R.Type, rows: Int, columns: Int = R.columns,
    _ a: (start: UnsafePointer<R.Scalar>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<R.Scalar>, rowStep: Int), _ count: Int,
    to c: (start: UnsafeMutablePointer<R.Scalar>, rowStep: Int)
  ) {
    for i in stride(from: 0, to: rows, by: rowsInTile) {
      let left = (a.start + i * a.rowStep, a.rowStep, a.columnStep)
      let result = (c.start + i * c.rowStep, c.rowStep)
      let tile = (rows: min(rowsInTile, rows - i), columns: columns)
      if tile.rows == rowsInTile {
        addTile(type, (rowsInTile, columns), left, b, count, to: result)
      } else {
        addTile(type, tile, left, b, count, to: result)
      }
    }
  }

  /// Adds one group of products to each element of a tile, which may be partial.
  @export(implementation) @inline(__always)
  static func addTile<R: TileColumns>(
    _ type: R.Type, _ tile: (rows: Int, columns: Int),
    _ a: (start: UnsafePointer<R.Scalar>, rowStep: Int, columnStep: Int),
    _ b: (start: UnsafePointer<R.Scalar>, rowStep: Int), _ count: Int,
    to c: (start: UnsafeMutablePointer<R.Scalar>, rowStep: Int)
  ) {
    // Missing rows repeat the last one, and are not written.
    let last = tile.rows - 1
    let rows = (
      min(1, last) * a.rowStep, min(2, last) * a.rowStep, min(3, last) * a.rowStep,
      min(4, last) * a.rowStep, min(5, last) * a.rowStep
    )
    var sums = (R(), R(), R(), R(), R(), R())
    for p in 0..<count {
      let left = a.start + p * a.columnStep
      let row = R(b.start + p * b.rowStep, tile.columns)
      sums.0.add(left[0], row)
      sums.1.add(left[rows.0], row)
      sums.2.add(left[rows.1], row)
      sums.3.add(left[rows.2], row)
      sums.4.add(left[rows.3], row)
      sums.5.add(left[rows.4], row)
    }
    sums.0.add(to: c.start, tile.columns)
    if last >= 1 { sums.1.add(to: c.start + c.rowStep, tile.columns) }
    if last >= 2 { sums.2.add(to: c.start + 2 * c.rowStep, tile.columns) }
    if last >= 3 { sums.3.add(to: c.start + 3 * c.rowStep, tile.columns) }
    if last >= 4 { sums.4.add(to: c.start + 4 * c.rowStep, tile.columns) }
    if last >= 5 { sums.5.add(to: c.start + 5 * c.rowStep, tile.columns) }
  }

  @inlinable @inline(__always)
  static func read<V: SIMD>(_ type: V.Type, _ start: UnsafePointer<V.Scalar>) -> V {
    UnsafeRawPointer(start).loadUnaligned(as: type)
  }

  @inlinable @inline(__always)
  static func write<V: SIMD>(_ vector: V, to start: UnsafeMutablePointer<V.Scalar>) {
    UnsafeMutableRawPointer(start).storeBytes(of: vector, as: V.self)
  }
}

/// One row of a tile.
@usableFromInline protocol TileColumns {
  associatedtype Scalar: LossScalar
  /// The maximum number of columns.
  static var columns: Int { get }
  /// A row of zeros.
  init()
  /// The first elements of a row in memory.
  init(_ start: UnsafePointer<Scalar>, _ count: Int)
  /// Adds a factor times another row.
  mutating func add(_ factor: Scalar, _ row: Self)
  /// Adds the first elements to a row in memory.
  func add(to start: UnsafeMutablePointer<Scalar>, _ count: Int)
}

/// A tile row of one vector; lanes beyond a partial vector are zero.
@usableFromInline @frozen struct TileVector<V: SIMD>: TileColumns where V.Scalar: LossScalar {
  @usableFromInline var vector: V

  @inlinable @inline(__always) static var columns: Int { V.scalarCount }
  @inlinable @inline(__always) init() { vector = .zero }
  @inlinable @inline(__always)
  init(_ start: UnsafePointer<V.Scalar>, _ count: Int) {
    guard count < V.scalarCount else {
      vector = MatrixProduct.read(V.self, start)
      return
    }
    vector = .zero
    for lane in 0..<count { vector[lane] = start[lane] }
  }
  @inlinable @inline(__always)
  mutating func add(_ factor: V.Scalar, _ row: Self) {
    vector = multiplyAdd(factor, row.vector, vector)
  }
  @inlinable @inline(__always)
  func add(to start: UnsafeMutablePointer<V.Scalar>, _ count: Int) {
    guard count < V.scalarCount else {
      MatrixProduct.write(MatrixProduct.read(V.self, start) + vector, to: start)
      return
    }
    for lane in 0..<count { start[lane] += vector[lane] }
  }
}

/// A tile row of several whole vectors.
@usableFromInline @frozen struct TileRow<Left: TileColumns, Right: TileColumns>: TileColumns
where Left.Scalar == Right.Scalar {
  @usableFromInline var left: Left
  @usableFromInline var right: Right

  @inlinable @inline(__always) static var columns: Int { Left.columns + Right.columns }
  @inlinable @inline(__always) init() { (left, right) = (Left(), Right()) }
  @inlinable @inline(__always)
  init(_ start: UnsafePointer<Left.Scalar>, _ count: Int) {
    left = Left(start, Left.columns)
    right = Right(start + Left.columns, Right.columns)
  }
  @inlinable @inline(__always)
  mutating func add(_ factor: Left.Scalar, _ row: Self) {
    left.add(factor, row.left)
    right.add(factor, row.right)
  }
  @inlinable @inline(__always)
  func add(to start: UnsafeMutablePointer<Left.Scalar>, _ count: Int) {
    left.add(to: start, Left.columns)
    right.add(to: start + Left.columns, Right.columns)
  }
}
