extension RowMath {
  /// The maximum and its first index.
  ///
  /// - Edge cases: NaN and its first index if the row has one. (-∞, 0) for a row of -∞, and for an
  ///   empty one. Of zeros of both signs, the first.
  @inlinable
  public static func maximum<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int
  ) -> (value: S, index: Int) {
    // The vectorised maximum of a block does not track the index; afterwards only the block that
    // holds the maximum is searched.
    let blockSize = blockSize(of: S.self)
    var best = -S.infinity
    var bestBlock = 0
    var block = 0
    while block < count, !best.isNaN {
      let value = S.maximum(row + block, count: Swift.min(blockSize, count &- block))
      if !(value <= best) {
        best = value
        bestBlock = block
      }
      block &+= blockSize
    }
    let size = Swift.min(blockSize, count &- bestBlock)
    let index = bestBlock &+ first(best, in: row + bestBlock, count: size)
    return index < count ? (row[index], index) : (best, 0)
  }

  /// The maximum without its index.
  ///
  /// - Edge cases: those of ``maximum(_:count:)``, but +0 for zeros of both signs.
  @inlinable
  @inline(__always)
  public static func largest<S: LossScalar>(_ row: UnsafePointer<S>, count: Int) -> S {
    S.maximum(row, count: count)
  }

  /// The first index of a number, or of a NaN; `count` if there is none.
  ///
  /// The whole block is compared, because a loop that can end early is not vectorised.
  @inlinable
  @inline(__always)
  static func first<S: LossScalar>(
    _ value: S,
    in block: UnsafePointer<S>,
    count: Int
  ) -> Int {
    let end = Int32(truncatingIfNeeded: count)
    var first = end
    var j: Int32 = 0
    while j < end {
      let x = block[Int(j)]
      let isOther = (x == x) != (x == value)
      let mask = 0 &- Int32(truncatingIfNeeded: unsafeBitCast(isOther, to: UInt8.self))
      first = Swift.min(first, j | (mask & Int32.max))
      j &+= 1
    }
    return Int(first)
  }
}

extension Elementary {
  /// The maximum; NaN if an element is NaN, -∞ for a count of 0.
  ///
  /// The elements are mapped to integers of the same order. The maximum of integers does not depend
  /// on the order of the operations, so that the compiler vectorises it.
  @inlinable
  @inline(__always)
  static func maximumInOrder(_ block: UnsafePointer<Self>, count: Int) -> Self {
    var best = (-infinity).orderedBits
    var j = 0
    while j < count {
      let x = block[j]
      best = Swift.max(best, masked(x == x, x, nan).orderedBits)
      j &+= 1
    }
    return Self(orderedBits: best)
  }

  /// Writes the exponentials of some numbers and returns their maximum, found as in
  /// ``maximumInOrder(_:count:)``.
  @inlinable
  @inline(__always)
  static func exponentialsInOrder(
    _ numbers: UnsafePointer<Self>, count: Int, _ scale: ExponentialScale<Self>,
    into out: UnsafeMutablePointer<Self>
  ) -> Self {
    var best = (-infinity).orderedBits
    var j = 0
    while j < count {
      let x = numbers[j]
      out[j] = exponential(x, scale)
      best = Swift.max(best, x.orderedBits)
      j &+= 1
    }
    return Self(orderedBits: best)
  }

  /// The number with these ``orderedBits``.
  @inlinable
  @inline(__always)
  init(orderedBits bits: Bits) {
    let isPositive = bits &>> Bits(Bits.bitWidth &- 1)
    self.init(bitPattern: bits ^ ((isPositive &- 1) | (-0.0 as Self).bitPattern))
  }

  /// An integer of the same order as the number: the sign bit set for a positive number, all bits
  /// inverted for a negative one.
  @inlinable
  @inline(__always)
  var orderedBits: Bits {
    let isNegative = bitPattern &>> Bits(Bits.bitWidth &- 1)
    return bitPattern ^ ((0 &- isNegative) | (-0.0 as Self).bitPattern)
  }
}
