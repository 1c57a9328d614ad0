/// The inner products of two rows, which give norms, angles and distances.
public struct RowProducts {
  /// Σ x y of the scaled rows.
  public let dot: Double
  /// Σ x² of the scaled first row.
  public let first: Double
  /// Σ y² of the scaled second row.
  public let second: Double
  /// The scales that the rows were multiplied by: 1, or a power of two that brings the largest
  /// element near 1 where squares would overflow or underflow.
  public let scales: (first: Double, second: Double)

  @inlinable
  init(dot: Double, first: Double, second: Double, scales: (Double, Double)) {
    self.dot = dot
    self.first = first
    self.second = second
    self.scales = scales
  }
}

extension RowMath {
  /// Σ term(j) over 0 ..< count, for terms computed in `Double` for every element type.
  @inlinable
  @inline(__always)
  public static func compensatedSum(count: Int, _ term: (Int) -> Double) -> Double {
    var lanes = SumLanes<Float>()
    lanes.add(count: count, term)
    return lanes.total.value
  }

  /// Σ term(j)² over 0 ..< count, for terms computed in `Double` for every element type.
  @inlinable
  @inline(__always)
  public static func compensatedSumOfSquares(count: Int, _ term: (Int) -> Double) -> Double {
    var sums = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    var i = 0
    while i &+ 16 <= count {
      let terms = (eight(i, term), eight(i &+ 8, term))
      sums.0 = multiplyAdd(terms.0, terms.0, sums.0)
      sums.1 = multiplyAdd(terms.1, terms.1, sums.1)
      i &+= 16
    }
    while i < count {
      let terms = eight(i, before: count, term)
      sums.0 = multiplyAdd(terms, terms, sums.0)
      i &+= 8
    }
    return total(sums.0 + sums.1)
  }

  /// The inner products of two rows, without overflow or underflow.
  @inlinable
  public static func products<S: LossScalar>(
    _ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int
  ) -> RowProducts {
    let plain = products(count: count, scales: (1, 1)) { (Double(first[$0]), Double(second[$0])) }
    guard !isInRange(plain.first) || !isInRange(plain.second) else { return plain }
    let scales = (
      scaleToOne(magnitude(first, count: count)), scaleToOne(magnitude(second, count: count))
    )
    return products(count: count, scales: scales) {
      (Double(first[$0]) * scales.0, Double(second[$0]) * scales.1)
    }
  }

  /// The largest magnitude of a row; 0 for a row of zeros, NaN if an element is NaN.
  @inlinable
  public static func magnitude<S: LossScalar>(_ row: UnsafePointer<S>, count: Int) -> Double {
    var largest: S = 0
    for j in 0..<count { largest = S.maximumPropagatingNaN(largest, row[j].magnitude) }
    return Double(largest)
  }

  /// Whether a sum of squares, and its product with another one in range, has full precision.
  @inlinable
  @inline(__always)
  static func isInRange(_ square: Double) -> Bool { square > 0x1p-480 && square < 0x1p480 }

  /// The power of two that scales a magnitude into 1 ..< 2, or near it where that power would be
  /// out of range. Multiplying by it is exact.
  @inlinable
  @inline(__always)
  static func scaleToOne(_ magnitude: Double) -> Double {
    let power = Double(bitPattern: magnitude.bitPattern & Double.infinity.bitPattern)
    return 1 / Double.clamped(power, 0x1p-1000, 0x1p1000)
  }

  @inlinable
  @inline(__always)
  static func products(
    count: Int, scales: (Double, Double), _ elements: (Int) -> (Double, Double)
  ) -> RowProducts {
    // Two accumulators of each kind, since every addition depends on the one before.
    var even = (dot: SIMD8<Double>.zero, left: SIMD8<Double>.zero, right: SIMD8<Double>.zero)
    var odd = even
    var i = 0
    while i &+ 16 <= count {
      add(eight(i) { elements($0).0 }, eight(i) { elements($0).1 }, to: &even)
      add(eight(i &+ 8) { elements($0).0 }, eight(i &+ 8) { elements($0).1 }, to: &odd)
      i &+= 16
    }
    while i < count {
      add(
        eight(i, before: count) { elements($0).0 }, eight(i, before: count) { elements($0).1 },
        to: &even)
      i &+= 8
    }
    return RowProducts(
      dot: total(even.dot + odd.dot), first: total(even.left + odd.left),
      second: total(even.right + odd.right), scales: scales)
  }

  /// Adds eight products of each kind.
  @inlinable
  @inline(__always)
  static func add(
    _ x: SIMD8<Double>, _ y: SIMD8<Double>,
    to sums: inout (dot: SIMD8<Double>, left: SIMD8<Double>, right: SIMD8<Double>)
  ) {
    sums.dot = multiplyAdd(x, y, sums.dot)
    sums.left = multiplyAdd(x, x, sums.left)
    sums.right = multiplyAdd(y, y, sums.right)
  }

  /// The sum of eight lanes, added in a tree of fixed shape.
  @inlinable
  @inline(__always)
  static func total(_ eight: SIMD8<Double>) -> Double {
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
