extension ExactAccumulator {
  /// The number of vectors of a block.
  private static var vectorsInBlock: Int { 32 }

  /// Adds Σ terms[i] over 0 ..< count.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public mutating func add<S: LossScalar>(_ terms: UnsafePointer<S>, count: Int) {
    addBlocks(count: count) { terms[$0].asDouble }
  }

  /// Adds Σ weights[i] · terms[i] over 0 ..< count, each product in `Double` as in ``BlockedSum``:
  /// exact for `Float`, rounded once for `Double`; a weight of ±0 removes its term.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public mutating func add<S: LossScalar>(
    _ terms: UnsafePointer<S>, weights: UnsafePointer<S>, count: Int
  ) {
    addBlocks(count: count) {
      let weight = weights[$0].asDouble
      return Double.select(weight == 0, 0, weight * terms[$0].asDouble)
    }
  }

  @inline(__always)
  private mutating func addBlocks(count: Int, _ term: (Int) -> Double) {
    let size = Self.vectorsInBlock
    withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: size) { block in
      guard let block = block.baseAddress else { return }
      var i = 0
      while i < count {
        var vectors = 0
        while vectors < size, i &+ 8 <= count {
          (block + vectors).initialize(to: RowMath.eight(i, term))
          vectors &+= 1
          i &+= 8
        }
        if vectors < size, i < count {
          (block + vectors).initialize(to: RowMath.eight(i, before: count, term))
          vectors &+= 1
          i = count
        }
        addBlock(block, vectors)
      }
    }
  }

  /// Adds a block, of at most 256 numbers, and overwrites it.
  ///
  /// With 2^e at most the sum of magnitudes as `Double` adds them, which is below 2^(e+2) without
  /// rounding, and Q = 2^(e-50), adding and subtracting 1.5 · 2^52 Q rounds each number to a multiple
  /// of Q. The magnitudes of the multiples add up to less than 2^52 Q + 256 Q / 2, so that `Double`
  /// adds them exactly, in any order. What was rounded off is exact too, and added likewise with a
  /// smaller Q, until nothing is left (J. Demmel and H. D. Nguyen, *Parallel Reproducible
  /// Summation*, 2015).
  private mutating func addBlock(_ block: UnsafeMutablePointer<SIMD8<Double>>, _ count: Int) {
    let magnitude = SIMD8<UInt64>(repeating: 0x7fff_ffff_ffff_ffff)
    while true {
      var magnitudes = SIMD8<Double>.zero
      for i in 0..<count {
        magnitudes += unsafeBitCast(
          unsafeBitCast(block[i], to: SIMD8<UInt64>.self) & magnitude, to: SIMD8<Double>.self)
      }
      let bound = magnitudes.sum()
      guard bound != 0 else { return }
      // Subnormal numbers, infinities, NaN, and numbers for which 1.5 · 2^52 Q would overflow.
      guard bound.isNormal, bound.exponent <= 1020 else {
        for i in 0..<count {
          for lane in 0..<8 where block[i][lane] != 0 { add(block[i][lane]) }
        }
        return
      }
      let shift = SIMD8(
        repeating: Double(
          sign: .plus, exponentBitPattern: bound.exponentBitPattern + 2,
          significandBitPattern: 1 << 51))
      var sum = SIMD8<Double>.zero
      var remaining = SIMD8<UInt64>.zero
      for i in 0..<count {
        let numbers = block[i]
        let multiples = (numbers + shift) - shift
        let rest = numbers - multiples
        sum += multiples
        block[i] = rest
        remaining |= unsafeBitCast(rest, to: SIMD8<UInt64>.self)
      }
      add(sum.sum())
      // The sign of -0 is no remainder.
      guard remaining & magnitude != .zero else { return }
    }
  }
}
