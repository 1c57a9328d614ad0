/// Reductions of one contiguous row, for losses with a softmax.
public enum RowMath {
  /// Σ terms[j] over 0 ..< count, in higher precision.
  ///
  /// The terms are written to a block before they are added, so that both loops vectorise.
  ///
  /// - Parameters:
  ///   - count: the number of terms.
  ///   - first: a row that the terms read, to be prefetched: one that is not in the cache yet, and
  ///     that the next row follows directly in memory.
  ///   - second: another such row.
  ///   - write: writes some terms from an index on:
  ///     `for j in 0..<count { terms[j] = f(start + j) }`. It is called once per block, not once
  ///     per term.
  @inlinable
  public static func sum<S: LossScalar>(
    count: Int, ahead first: UnsafePointer<S>? = nil, _ second: UnsafePointer<S>? = nil,
    _ write: (_ start: Int, _ count: Int, _ terms: UnsafeMutablePointer<S>) -> Void
  ) -> CompensatedSum {
    let blockSize = blockSize(of: S.self)
    return withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      var lanes = SumLanes<S>()
      guard let out = buffer.baseAddress else { return lanes.total }
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        if let first { Prefetch.read(first, at: block &+ 2 &* blockSize, count: size) }
        if let second { Prefetch.read(second, at: block &+ 2 &* blockSize, count: size) }
        write(block, size, out)
        lanes.add(count: size) { out[$0].asDouble }
        block &+= blockSize
      }
      return lanes.total
    }
  }

  /// Two sums over 0 ..< count, as ``sum(count:ahead:_:_:)``, for terms that share computation.
  @inlinable
  public static func sums<S: LossScalar>(
    count: Int,
    _ write: (
      _ start: Int, _ count: Int, _ first: UnsafeMutablePointer<S>,
      _ second: UnsafeMutablePointer<S>
    ) -> Void
  ) -> (CompensatedSum, CompensatedSum) {
    let blockSize = blockSize(of: S.self) / 2
    return withUnsafeTemporaryAllocation(of: S.self, capacity: 2 * blockSize) { buffer in
      var first = SumLanes<S>()
      var second = SumLanes<S>()
      guard let left = buffer.baseAddress else { return (first.total, second.total) }
      let right = left + blockSize
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        write(block, size, left, right)
        first.add(count: size) { left[$0].asDouble }
        second.add(count: size) { right[$0].asDouble }
        block &+= blockSize
      }
      return (first.total, second.total)
    }
  }

  /// Eight terms from index `i` on.
  @inlinable
  @inline(__always)
  static func eight(_ i: Int, _ term: (Int) -> Double) -> SIMD8<Double> {
    SIMD8(
      lowHalf: SIMD4(term(i), term(i &+ 1), term(i &+ 2), term(i &+ 3)),
      highHalf: SIMD4(term(i &+ 4), term(i &+ 5), term(i &+ 6), term(i &+ 7)))
  }

  /// Eight terms from index `i` on; those from `count` on are 0.
  @inlinable
  @inline(__always)
  static func eight(_ i: Int, before count: Int, _ term: (Int) -> Double) -> SIMD8<Double> {
    var terms = SIMD8<Double>.zero
    for lane in 0..<min(8, count &- i) { terms[lane] = term(i &+ lane) }
    return terms
  }

  /// The number of elements that `withUnsafeTemporaryAllocation` still puts on the stack.
  @inlinable
  @inline(__always)
  static func blockSize<S>(of type: S.Type) -> Int {
    1024 / MemoryLayout<S>.stride
  }
}
