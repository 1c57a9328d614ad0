/// Reductions of one contiguous row, as losses with a softmax need them.
///
/// With (m, k) the ``maximum(_:count:)`` and s the sum of the exponentials shifted by m without the
/// k-th, which would be 1, log Σ e^row[j] is m + log(1 + s): the maximum adds no rounding error, and
/// a row that one class dominates keeps the small rest.
public enum RowMath {
  /// The maximum and its first index.
  ///
  /// - Edge cases: NaN and its first index if the row has one. (-∞, 0) for a row of -∞, and for an
  ///   empty one. Of zeros of both signs, the first.
  @inlinable
  public static func maximum<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int
  ) -> (value: S, index: Int) {
    // The maximum of a block is found in lanes, which know nothing of the index; then only the
    // block that holds the maximum is searched.
    let blockSize = blockSize(of: S.self)
    var best = -S.infinity
    var bestBlock = 0
    var block = 0
    while block < count, !best.isNaN {
      let value = blockMaximum(row + block, count: Swift.min(blockSize, count &- block))
      if !(value <= best) {
        best = value
        bestBlock = block
      }
      block &+= blockSize
    }
    var index = bestBlock
    while index < count, !(row[index] == best || row[index].isNaN) { index &+= 1 }
    return index < count ? (row[index], index) : (best, 0)
  }

  /// The maximum alone.
  ///
  /// - Edge cases: those of ``maximum(_:count:)``, but of zeros of both signs either.
  @inlinable
  @inline(__always)
  public static func largest<S: LossScalar>(_ row: UnsafePointer<S>, count: Int) -> S {
    blockMaximum(row, count: count)
  }

  /// Σ exp(row[j] - shift) over 0 ..< count without j = index, carried wider and rounded once.
  ///
  /// An `index` outside of the row leaves nothing out.
  ///
  /// - Edge cases: an element of -∞ adds 0. A NaN, and a shift equal to an infinite element, give
  ///   NaN, unless that is the element left out.
  /// - Error: each exponential has that of ``LossScalar/exp(_:)`` of the rounded difference.
  @inlinable
  public static func sumExp<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    shift: S,
    skipping index: Int
  ) -> S {
    let blockSize = blockSize(of: S.self)
    return withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      guard let out = buffer.baseAddress else { return 0 }
      var lanes = SumLanes<S>()
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        exponentials(row + block, count: size, shift: shift, into: out)
        add(out, count: size, skipping: index &- block, to: &lanes)
        block &+= blockSize
      }
      return S(lanes.total.value)
    }
  }

  /// Writes out[j] = exp(row[j] - shift) for every j, and returns ``sumExp(_:count:shift:skipping:)``.
  ///
  /// The index left out of the sum is written all the same. `out` may be the row itself, but this is
  /// slower; it must not overlap it otherwise.
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    shift: S,
    skipping index: Int,
    into out: UnsafeMutablePointer<S>
  ) -> S {
    let blockSize = blockSize(of: S.self)
    var lanes = SumLanes<S>()
    var block = 0
    while block < count {
      let size = Swift.min(blockSize, count &- block)
      exponentials(row + block, count: size, shift: shift, into: out + block)
      add(out + block, count: size, skipping: index &- block, to: &lanes)
      block &+= blockSize
    }
    return S(lanes.total.value)
  }

  /// Σ term(j) over 0 ..< count, carried wider.
  ///
  /// The terms are written to a block before they are added, so that both loops vectorise.
  @inlinable
  @inline(__always)
  public static func sum<S: LossScalar>(count: Int, _ term: (Int) -> S) -> WideSum {
    let blockSize = blockSize(of: S.self)
    return withUnsafeTemporaryAllocation(of: S.self, capacity: blockSize) { buffer in
      var lanes = SumLanes<S>()
      guard let out = buffer.baseAddress else { return lanes.total }
      var block = 0
      while block < count {
        let size = Swift.min(blockSize, count &- block)
        for j in 0..<size { out[j] = term(block &+ j) }
        lanes.add(count: size) { out[$0].widened }
        block &+= blockSize
      }
      return lanes.total
    }
  }

  /// As many numbers as `withUnsafeTemporaryAllocation` puts on the stack.
  @inlinable
  @inline(__always)
  static func blockSize<S>(of type: S.Type) -> Int {
    1024 / MemoryLayout<S>.stride
  }

  @inlinable
  @inline(__always)
  static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    shift: S,
    into out: UnsafeMutablePointer<S>
  ) {
    var j = 0
    while j < count {
      out[j] = S.exp(row[j] - shift)
      j &+= 1
    }
  }

  /// Adds a block to the lanes, with 0 in the place of the element left out, so that the others
  /// keep their lanes and the loop has no branch.
  @inlinable
  @inline(__always)
  static func add<S: LossScalar>(
    _ terms: UnsafeMutablePointer<S>,
    count: Int,
    skipping index: Int,
    to lanes: inout SumLanes<S>
  ) {
    guard index >= 0, index < count else {
      lanes.add(count: count) { terms[$0].widened }
      return
    }
    let skipped = terms[index]
    terms[index] = 0
    lanes.add(count: count) { terms[$0].widened }
    terms[index] = skipped
  }

  @inlinable
  @inline(__always)
  static func blockMaximum<S: LossScalar>(_ row: UnsafePointer<S>, count: Int) -> S {
    var lanes = SIMD8<S>(repeating: -.infinity)
    var i = 0
    func larger(_ lane: Int) -> S { S.larger(row[i &+ lane], lanes[lane]) }
    while i &+ 8 <= count {
      let lower = SIMD4(larger(0), larger(1), larger(2), larger(3))
      let upper = SIMD4(larger(4), larger(5), larger(6), larger(7))
      lanes = SIMD8(lowHalf: lower, highHalf: upper)
      i &+= 8
    }
    var value = -S.infinity
    for lane in 0..<8 { value = S.larger(lanes[lane], value) }
    while i < count {
      value = S.larger(row[i], value)
      i &+= 1
    }
    return value
  }
}
