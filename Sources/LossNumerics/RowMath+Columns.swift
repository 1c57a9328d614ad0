/// The ``ExponentialSum`` of sixteen rows, with their maxima.
///
/// - Note: numbers of a row are at its index in memory, since only such loops are vectorized.
@frozen
public struct ExponentialSums<S: LossScalar> {
  /// The maximum of each row; +0 for zeros of both signs.
  public let maxima: UnsafeMutablePointer<S>
  @usableFromInline let maxExponentials: UnsafeMutablePointer<Double>
  @usableFromInline let sumsExcludingMax: UnsafeMutablePointer<Double>

  /// The sums in some memory, of sixteen numbers and twice sixteen.
  @inlinable
  @inline(__always)
  public init(maxima: UnsafeMutablePointer<S>, sums: UnsafeMutablePointer<Double>) {
    self.maxima = maxima
    maxExponentials = sums
    sumsExcludingMax = sums + Self.rowCount
  }

  /// The number of rows.
  @inlinable
  @inline(__always)
  public static var rowCount: Int { 16 }

  /// The sum of one row.
  @inlinable
  @inline(__always)
  public subscript(row: Int) -> ExponentialSum<S> {
    ExponentialSum(maxExponentials[row], excludingMax: sumsExcludingMax[row])
  }
}

// A short row does not fill vectors, and each of its operations waits for the one before. With sixteen
// rows side by side, every vector holds the numbers of one class.
extension RowMath {
  /// The number of elements up to which a row is short.
  @inlinable
  @inline(__always)
  public static var shortRowCount: Int { 128 }

  /// ``inlineExponentials(_:count:into:)`` of sixteen short rows, with the same bits.
  ///
  /// - Parameters:
  ///   - columns: sixteen numbers of each class, one of each row.
  ///   - step: the distance of two classes in `columns` and in `out`.
  ///   - count: the number of classes, at most ``shortRowCount``.
  ///   - out: memory for the exponentials, in the same order.
  ///   - sums: memory for the sums.
  /// - Returns: false if the result of a row is not finite; each row has to be evaluated by itself.
  @inlinable
  @inline(__always)
  public static func inlineExponentials<S: LossScalar>(
    ofColumns columns: UnsafePointer<S>, step: Int, count: Int,
    into out: UnsafeMutablePointer<S>, _ sums: ExponentialSums<S>
  ) -> Bool {
    let rows = ExponentialSums<S>.rowCount
    return withUnsafeTemporaryAllocation(of: S.self, capacity: 4 * rows) { memory in
      guard let maxima = memory.baseAddress else { return false }
      let (shift, floor, rounder) = (maxima + rows, maxima + 2 * rows, maxima + 3 * rows)
      for row in 0..<rows { maxima[row] = -.infinity }
      for j in 0..<count {
        let column = columns + j &* step
        for row in 0..<rows {
          maxima[row] = S.select(column[row] > maxima[row], column[row], maxima[row])
        }
      }
      for row in 0..<rows {
        let maximum = maxima[row] + 0
        let scale = S.scale(below: maximum)
        maxima[row] = maximum
        sums.maxima[row] = maximum
        shift[row] = scale.shift
        floor[row] = scale.floor
        rounder[row] = scale.rounder
      }
      for j in 0..<count {
        let (column, out) = (columns + j &* step, out + j &* step)
        for row in 0..<rows {
          let scale = ExponentialScale(
            shift: shift[row], floor: floor[row], rounder: rounder[row])
          out[row] = S.exp(column[row], scale)
        }
      }
      for row in 0..<rows {
        let scale = ExponentialScale(shift: shift[row], floor: floor[row], rounder: rounder[row])
        sums.maxExponentials[row] = S.exp(maxima[row], scale).asDouble
      }
      return addColumns(out, step, count, sums) ?? addOthers(columns, step, out, count, sums)
    }
  }

  /// Writes the sums without the maximum, which is subtracted from the sum of all.
  ///
  /// - Returns: false if a sum is not finite, which that of a row with a NaN is not; nil if a maximum
  ///   dominates so much that the difference would lose digits.
  @inlinable
  @inline(__always)
  static func addColumns<S: LossScalar>(
    _ exponentials: UnsafePointer<S>, _ step: Int, _ count: Int, _ sums: ExponentialSums<S>
  ) -> Bool? {
    let rows = ExponentialSums<S>.rowCount
    var (isFinite, isPrecise): (Int64, Int64) = (-1, -1)
    withColumnSums(S.self, count: count) { j, terms in
      for row in 0..<rows { terms[row] = exponentials[j &* step &+ row].asDouble }
    } body: { high, low in
      for row in 0..<rows {
        let maxExponential = sums.maxExponentials[row]
        var sum = CompensatedSum(high: high[row], low: low[row])
        sum.add(-maxExponential)
        let others = sum.value
        sums.sumsExcludingMax[row] = others
        isFinite &= others < .infinity ? -1 : 0
        isPrecise &= others > 0x1p-20 * maxExponential ? -1 : 0
      }
    }
    return isFinite == 0 ? false : isPrecise == 0 ? nil : true
  }

  /// Writes the sums of the rows in which one class dominates: of all elements but the first maximum.
  @inlinable
  @inline(__always)
  static func addOthers<S: LossScalar>(
    _ columns: UnsafePointer<S>, _ step: Int, _ exponentials: UnsafePointer<S>, _ count: Int,
    _ sums: ExponentialSums<S>
  ) -> Bool {
    let rows = ExponentialSums<S>.rowCount
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { memory in
      guard let first = memory.baseAddress else { return }
      for row in 0..<rows { first[row] = 0 }
      for j in (0..<count).reversed() {
        let (column, index) = (columns + j &* step, Int32(truncatingIfNeeded: j))
        for row in 0..<rows {
          first[row] = column[row] == sums.maxima[row] ? index : first[row]
        }
      }
      withColumnSums(S.self, count: count) { j, terms in
        let index = Int32(truncatingIfNeeded: j)
        for row in 0..<rows {
          let exponential = exponentials[j &* step &+ row].asDouble
          terms[row] = Double.select(first[row] == index, 0, exponential)
        }
      } body: { high, low in
        for row in 0..<rows {
          let others = sums.sumsExcludingMax[row]
          let isPrecise = others > 0x1p-20 * sums.maxExponentials[row]
          let sum = CompensatedSum(high: high[row], low: low[row]).value
          sums.sumsExcludingMax[row] = Double.select(isPrecise, others, sum)
        }
      }
    }
    return true
  }

  /// The sums over the classes of sixteen short rows, with the bits of ``sum(count:ahead:_:_:)``.
  ///
  /// - Parameters:
  ///   - columns: sixteen terms of each class, one of each row.
  ///   - step: the distance of two classes in `columns`.
  ///   - count: the number of classes.
  ///   - sums: memory for sixteen sums.
  @inlinable
  @inline(__always)
  public static func inlineSum<S: LossScalar>(
    ofColumns columns: UnsafePointer<S>, step: Int, count: Int,
    into sums: UnsafeMutablePointer<Double>
  ) {
    let rows = ExponentialSums<S>.rowCount
    withColumnSums(S.self, count: count) { j, terms in
      for row in 0..<rows { terms[row] = columns[j &* step &+ row].asDouble }
    } body: { high, low in
      for row in 0..<rows { sums[row] = CompensatedSum(high: high[row], low: low[row]).value }
    }
  }

  /// Calls a function with the sums over classes of terms of sixteen rows, each in the order of
  /// ``SumLanes``, as the parts of a ``CompensatedSum``.
  ///
  /// - Parameter write: writes the terms of one class.
  @inlinable
  @inline(__always)
  static func withColumnSums<S: LossScalar>(
    _ type: S.Type, count: Int, _ write: (_ j: Int, _ terms: UnsafeMutablePointer<Double>) -> Void,
    body: (_ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>) -> Void
  ) {
    let rows = ExponentialSums<S>.rowCount
    // Each block still fits on the stack.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 8 * rows) { highs in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 8 * rows) { lows in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * rows) { memory in
          guard let high = highs.baseAddress, let low = lows.baseAddress,
            let terms = memory.baseAddress
          else { return }
          let other = (high: terms + rows, low: terms + 2 * rows)
          for k in 0..<8 {
            let lane = (high: high + k &* rows, low: low + k &* rows)
            addLane(S.self, k, count: count, terms, write, to: lane)
            guard k &+ 8 < count else { continue }
            addLane(S.self, k &+ 8, count: count, terms, write, to: other)
            add(S.self, other, to: lane, count: rows)
          }
          if S.significandBitCount > Float.significandBitCount {
            for k in 1..<8 {
              add(S.self, (high + k &* rows, low + k &* rows), to: (high, low), count: rows)
            }
          } else {
            for half in [4, 2, 1] {
              let upper = (high: high + half &* rows, low: low + half &* rows)
              add(S.self, upper, to: (high, low), count: half &* rows)
            }
          }
          body(high, low)
        }
      }
    }
  }

  /// The sums of one lane of ``SumLanes`` for sixteen rows: of the classes k, k + 16, ...
  @inlinable
  @inline(__always)
  static func addLane<S: LossScalar>(
    _ type: S.Type, _ k: Int, count: Int, _ terms: UnsafeMutablePointer<Double>,
    _ write: (_ j: Int, _ terms: UnsafeMutablePointer<Double>) -> Void,
    to sums: (high: UnsafeMutablePointer<Double>, low: UnsafeMutablePointer<Double>)
  ) {
    let rows = ExponentialSums<S>.rowCount
    for row in 0..<rows {
      sums.high[row] = 0
      sums.low[row] = 0
    }
    var j = k
    while j < count {
      write(j, terms)
      for row in 0..<rows {
        let sum = Double.sum(sums.high[row], terms[row])
        sums.high[row] = sum.rounded
        if S.significandBitCount > Float.significandBitCount { sums.low[row] += sum.error }
      }
      j &+= 16
    }
  }

  /// Adds some sums to others. Sums of `Float` have bits to spare, and no second part.
  @inlinable
  @inline(__always)
  static func add<S: LossScalar>(
    _ type: S.Type, _ sums: (high: UnsafeMutablePointer<Double>, low: UnsafeMutablePointer<Double>),
    to totals: (high: UnsafeMutablePointer<Double>, low: UnsafeMutablePointer<Double>), count: Int
  ) {
    guard S.significandBitCount > Float.significandBitCount else {
      for i in 0..<count { totals.high[i] += sums.high[i] }
      return
    }
    for i in 0..<count {
      var total = CompensatedSum(high: totals.high[i], low: totals.low[i])
      total.add(CompensatedSum(high: sums.high[i], low: sums.low[i]))
      totals.high[i] = total.high
      totals.low[i] = total.low
    }
  }

  /// Copies sixteen rows to columns of one class each.
  @inlinable
  @inline(__always)
  public static func copyToColumns<S: LossScalar>(
    _ rows: UnsafePointer<S>, count: Int, _ columns: UnsafeMutablePointer<S>
  ) {
    transpose(rows, (ExponentialSums<S>.rowCount, count), to: columns)
  }

  /// Copies columns of one class each to sixteen rows.
  @inlinable
  @inline(__always)
  public static func copyToRows<S: LossScalar>(
    _ columns: UnsafePointer<S>, count: Int, _ rows: UnsafeMutablePointer<S>
  ) {
    transpose(columns, (count, ExponentialSums<S>.rowCount), to: rows)
  }

  /// Transposes a matrix, of which a number of rows or columns is a multiple of 4.
  @inlinable
  @inline(__always)
  static func transpose<S: LossScalar>(
    _ matrix: UnsafePointer<S>, _ extents: (rows: Int, columns: Int),
    to out: UnsafeMutablePointer<S>
  ) {
    let (rows, columns) = extents
    let (tileRows, tileColumns) = (rows & ~3, columns & ~3)
    var i = 0
    while i < tileRows {
      var j = 0
      while j < tileColumns {
        transposeTile(matrix + (i &* columns &+ j), columns, to: out + (j &* rows &+ i), rows)
        j &+= 4
      }
      i &+= 4
    }
    for i in 0..<rows {
      var j = i < tileRows ? tileColumns : 0
      while j < columns {
        out[j &* rows &+ i] = matrix[i &* columns &+ j]
        j &+= 1
      }
    }
  }

  /// Transposes four rows and columns.
  @inlinable
  @inline(__always)
  static func transposeTile<S: LossScalar>(
    _ matrix: UnsafePointer<S>, _ step: Int, to out: UnsafeMutablePointer<S>, _ outStep: Int
  ) {
    func row(_ i: Int) -> SIMD4<S> {
      UnsafeRawPointer(matrix + i &* step).loadUnaligned(as: SIMD4<S>.self)
    }
    let upper = SIMD8(lowHalf: row(0), highHalf: row(1))
    let lower = SIMD8(lowHalf: row(2), highHalf: row(3))
    let even = SIMD8(lowHalf: upper.evenHalf, highHalf: lower.evenHalf)
    let odd = SIMD8(lowHalf: upper.oddHalf, highHalf: lower.oddHalf)
    func write(_ column: SIMD4<S>, _ j: Int) {
      UnsafeMutableRawPointer(out + j &* outStep).storeBytes(of: column, as: SIMD4<S>.self)
    }
    write(even.evenHalf, 0)
    write(odd.evenHalf, 1)
    write(even.oddHalf, 2)
    write(odd.oddHalf, 3)
  }
}
