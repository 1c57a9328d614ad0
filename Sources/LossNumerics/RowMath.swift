/// Reductions of one contiguous row, as losses with a softmax need them.
public enum RowMath {
  /// Σ terms[j] over 0 ..< count, carried wider.
  ///
  /// The terms are written to a block before they are added, so that both loops vectorise.
  ///
  /// - Parameters:
  ///   - count: how many terms there are.
  ///   - first: what the terms read, if it is worth asking for before it is needed: a row that is
  ///     not in the cache yet, and of which the next begins where this one ends.
  ///   - second: another such row.
  ///   - write: writes some terms from a place on: `for j in 0..<count { terms[j] = f(start + j) }`.
  ///     It is asked for a block at a time; a function of one place would be called for each.
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

  /// Σ of two terms over 0 ..< count, as ``sum(count:ahead:_:_:)``, for terms that share their work.
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

  /// Eight terms from one on.
  @inlinable
  @inline(__always)
  static func eight(_ i: Int, _ term: (Int) -> Double) -> SIMD8<Double> {
    SIMD8(
      lowHalf: SIMD4(term(i), term(i &+ 1), term(i &+ 2), term(i &+ 3)),
      highHalf: SIMD4(term(i &+ 4), term(i &+ 5), term(i &+ 6), term(i &+ 7)))
  }

  /// Eight terms from one on, of which those from `count` on are 0.
  @inlinable
  @inline(__always)
  static func eight(_ i: Int, before count: Int, _ term: (Int) -> Double) -> SIMD8<Double> {
    var terms = SIMD8<Double>.zero
    for lane in 0..<min(8, count &- i) { terms[lane] = term(i &+ lane) }
    return terms
  }

  /// As many numbers as `withUnsafeTemporaryAllocation` puts on the stack.
  @inlinable
  @inline(__always)
  static func blockSize<S>(of type: S.Type) -> Int {
    1024 / MemoryLayout<S>.stride
  }
}
