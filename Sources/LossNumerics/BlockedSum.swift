/// Sums of a block of numbers, in higher precision than the numbers.
///
/// Element i goes to lane i mod 16 and the lanes are added in a tree, so that the order depends on
/// the index only: a caller that splits its data into blocks at fixed indices and adds the blocks
/// in order gets the same bits from any number of threads.
///
/// - Error: for `Float` terms below count/16 · 2^-53 · Σ|x|, which is negligible against their
///   rounding error of 2^-24; for `Double` terms below count/16 · 2^-105 · Σ|x|.
/// - Edge cases: those of ``CompensatedSum``.
public enum BlockedSum {
  /// Σ terms[i] over 0 ..< count.
  @inlinable
  public static func sum<S: LossScalar>(_ terms: UnsafePointer<S>, count: Int) -> CompensatedSum {
    var lanes = SumLanes<S>()
    lanes.add(count: count) { terms[$0].asDouble }
    return lanes.total
  }

  /// Σ weights[i] · terms[i] over 0 ..< count.
  ///
  /// The products are exact for `Float`, and rounded once for `Double`.
  ///
  /// - Edge cases: a weight of ±0 removes its term, even an infinite one or a NaN.
  @inlinable
  public static func sum<S: LossScalar>(
    _ terms: UnsafePointer<S>,
    weights: UnsafePointer<S>,
    count: Int
  ) -> CompensatedSum {
    var lanes = SumLanes<S>()
    lanes.add(count: count) {
      let weight = weights[$0].asDouble
      return Double.select(weight == 0, 0, weight * terms[$0].asDouble)
    }
    return lanes.total
  }
}
