/// Sixteen partial sums, each of higher precision than the scalars that it adds.
///
/// A single chain of additions is bound by their latency; sixteen independent ones keep the
/// processor busy. The lane of an element depends on its index only, so that the result is the same
/// for every vector width.
///
/// `Float` elements are summed in `Double`, which has 29 more bits. `Double` elements are summed in
/// `Double` with a second sum of the rounding errors, as in ``CompensatedSum``.
@usableFromInline
@frozen
struct SumLanes<S: LossScalar> {
  @usableFromInline var high = SIMD16<Double>.zero
  @usableFromInline var low = SIMD16<Double>.zero

  @inlinable
  @inline(__always)
  init() {}

  /// Adds the terms 0 ..< count, each in the lane of its index.
  @inlinable
  @inline(__always)
  mutating func add(count: Int, _ term: (Int) -> Double) {
    var i = 0
    while i &+ 16 <= count {
      add(SIMD16(lowHalf: RowMath.eight(i, term), highHalf: RowMath.eight(i &+ 8, term)))
      i &+= 16
    }
    if i &+ 8 <= count {
      add(SIMD16(lowHalf: RowMath.eight(i, term), highHalf: .zero))
      i &+= 8
    }
    guard i < count else { return }
    let remaining = RowMath.eight(i, before: count, term)
    // After a group of eight terms in the low lanes, these belong to the high lanes.
    let isSecondHalf = i & 8 != 0
    add(
      SIMD16(
        lowHalf: isSecondHalf ? .zero : remaining, highHalf: isSecondHalf ? remaining : .zero))
  }

  @inlinable
  @inline(__always)
  mutating func add(_ terms: SIMD16<Double>) {
    let sum = high + terms
    if S.significandBitCount > Float.significandBitCount {
      let added = sum - high
      low += (high - (sum - added)) + (terms - added)
    }
    high = sum
  }

  /// The sum of the lanes, added in a tree of fixed shape.
  @inlinable
  @inline(__always)
  var total: CompensatedSum {
    if S.significandBitCount <= Float.significandBitCount {
      let eight = high.lowHalf + high.highHalf
      let four = eight.lowHalf + eight.highHalf
      let two = four.lowHalf + four.highHalf
      return CompensatedSum(high: two[0] + two[1], low: 0)
    }
    var sum = pair(0)
    for lane in 1..<8 { sum.add(pair(lane)) }
    return sum
  }

  @inlinable
  @inline(__always)
  func pair(_ lane: Int) -> CompensatedSum {
    var sum = CompensatedSum(high: high[lane], low: low[lane])
    sum.add(CompensatedSum(high: high[lane &+ 8], low: low[lane &+ 8]))
    return sum
  }
}
