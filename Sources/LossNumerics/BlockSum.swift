/// Sums of a block: lanes fixed by index, wider than the input.
public enum BlockSum {
  /// Σ terms[i].
  @inlinable
  public static func sum<S: LossScalar>(_ terms: UnsafePointer<S>, count: Int) -> WideSum {
    var total = WideSum()
    for i in 0..<count { total.add(terms[i].widened) }
    return total
  }

  /// Σ weights[i] · terms[i]; a weight of exactly 0 removes its term.
  @inlinable
  public static func sum<S: LossScalar>(
    _ terms: UnsafePointer<S>,
    weights: UnsafePointer<S>,
    count: Int
  ) -> WideSum {
    var total = WideSum()
    for i in 0..<count {
      let product = terms[i].widened * weights[i].widened
      total.add(weights[i] == 0 ? 0 : product)
    }
    return total
  }
}
