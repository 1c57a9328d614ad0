/// Sixteen running sums, side by side, each wider than the scalars it takes in.
///
/// One chain of additions waits for every addition; sixteen keep the processor busy. An element's
/// lane depends on its index only, so the result is the same for every vector width.
///
/// A `Float` is added to a `Double`, which has room for 2^29 of its roundings. A `Double` is added
/// to a `Double` beside which another collects what is rounded off, as in ``CompensatedSum``.
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
    let rest = RowMath.eight(i, before: count, term)
    // Where eight went before, these are in the lanes behind them.
    let isSecondHalf = i & 8 != 0
    add(
      SIMD16(
        lowHalf: isSecondHalf ? .zero : rest, highHalf: isSecondHalf ? rest : .zero))
  }

  @inlinable
  @inline(__always)
  mutating func add(_ terms: SIMD16<Double>) {
    let sum = high + terms
    if S.significandBitCount > Float.significandBitCount {
      let part = sum - high
      low += (high - (sum - part)) + (terms - part)
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
