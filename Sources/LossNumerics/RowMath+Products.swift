/// The products of two rows, from which lengths, angles and distances follow.
public struct RowProducts {
  /// Σ x y, of the rows divided by their units.
  public let dot: Double
  /// Σ x², of the first row divided by its unit.
  public let first: Double
  /// Σ y², of the second row divided by its unit.
  public let second: Double
  /// What the rows were divided by: 1, or the largest element where squares would leave the range.
  public let units: (first: Double, second: Double)

  @inlinable
  init(dot: Double, first: Double, second: Double, units: (Double, Double)) {
    self.dot = dot
    self.first = first
    self.second = second
    self.units = units
  }
}

extension RowMath {
  /// Σ term(j) over 0 ..< count for terms that are `Double` whatever the row holds.
  @inlinable
  @inline(__always)
  public static func wideSum(count: Int, _ term: (Int) -> Double) -> Double {
    var lanes = SumLanes<Float>()
    lanes.add(count: count, term)
    return lanes.total.value
  }

  /// The products of two rows, for elements of any size.
  @inlinable
  public static func products<S: LossScalar>(
    _ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int
  ) -> RowProducts {
    let plain = products(first, second, count: count, units: (1, 1))
    guard !isInRange(plain.first) || !isInRange(plain.second) else { return plain }
    let largest = (magnitude(first, count: count), magnitude(second, count: count))
    return products(
      first, second, count: count,
      units: (largest.0 == 0 ? 1 : largest.0, largest.1 == 0 ? 1 : largest.1))
  }

  /// The largest magnitude of a row; 0 for a row of zeros, NaN if there is one.
  @inlinable
  public static func magnitude<S: LossScalar>(_ row: UnsafePointer<S>, count: Int) -> Double {
    var top: S = 0
    for j in 0..<count { top = S.larger(top, row[j].magnitude) }
    return Double(top)
  }

  /// Whether a sum of squares, and its product with another such, has all of its digits.
  @inlinable
  @inline(__always)
  static func isInRange(_ square: Double) -> Bool { square > 0x1p-480 && square < 0x1p480 }

  @inlinable
  @inline(__always)
  static func products<S: LossScalar>(
    _ first: UnsafePointer<S>, _ second: UnsafePointer<S>, count: Int, units: (Double, Double)
  ) -> RowProducts {
    var dot = SumLanes<Float>()
    var left = SumLanes<Float>()
    var right = SumLanes<Float>()
    let isPlain = units == (1, 1)
    let length = isPlain ? count : 0
    dot.add(count: length) { Double(first[$0]) * Double(second[$0]) }
    left.add(count: length) { Double(first[$0]) * Double(first[$0]) }
    right.add(count: length) { Double(second[$0]) * Double(second[$0]) }
    if !isPlain {
      dot.add(count: count) { Double(first[$0]) / units.0 * (Double(second[$0]) / units.1) }
      left.add(count: count) {
        let x = Double(first[$0]) / units.0
        return x * x
      }
      right.add(count: count) {
        let y = Double(second[$0]) / units.1
        return y * y
      }
    }
    return RowProducts(
      dot: dot.total.value, first: left.total.value, second: right.total.value, units: units)
  }
}
