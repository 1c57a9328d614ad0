/// Eight running sums, side by side, each wider than the scalars it takes in.
///
/// One chain of additions waits for every addition; eight keep the processor busy. An element's
/// lane depends on its index only, so the result is the same for every vector width.
///
/// A `Float` is added to a `Double`, which has room for 2^29 of its roundings. A `Double` is added
/// to a `Double` beside which another collects what is rounded off, as in ``WideSum``.
@usableFromInline
@frozen
struct SumLanes<S: LossScalar> {
  @usableFromInline var high = SIMD8<Double>.zero
  @usableFromInline var low = SIMD8<Double>.zero

  @inlinable
  @inline(__always)
  init() {}

  /// Adds the terms 0 ..< count, each in the lane of its index.
  @inlinable
  @inline(__always)
  mutating func add(count: Int, _ term: (Int) -> Double) {
    var i = 0
    while i &+ 8 <= count {
      let lower = SIMD4(term(i), term(i &+ 1), term(i &+ 2), term(i &+ 3))
      let upper = SIMD4(term(i &+ 4), term(i &+ 5), term(i &+ 6), term(i &+ 7))
      add(SIMD8(lowHalf: lower, highHalf: upper))
      i &+= 8
    }
    guard i < count else { return }
    var rest = SIMD8<Double>.zero
    for lane in 0..<(count &- i) { rest[lane] = term(i &+ lane) }
    add(rest)
  }

  @inlinable
  @inline(__always)
  mutating func add(_ terms: SIMD8<Double>) {
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
  var total: WideSum {
    if S.significandBitCount <= Float.significandBitCount {
      let four = high.lowHalf + high.highHalf
      let two = four.lowHalf + four.highHalf
      return WideSum(high: two[0] + two[1], low: 0)
    }
    let even = WideSum.unsettled(pair(0), pair(2))
    let odd = WideSum.unsettled(pair(1), pair(3))
    return WideSum.unsettled(even, odd).settled
  }

  @inlinable
  @inline(__always)
  func pair(_ lane: Int) -> WideSum {
    let first = WideSum(high: high[lane], low: low[lane])
    let second = WideSum(high: high[lane &+ 4], low: low[lane &+ 4])
    return .unsettled(first, second)
  }
}
