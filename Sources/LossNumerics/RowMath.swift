/// Reductions of one contiguous row, as softmax-like losses need them.
public enum RowMath {
  /// The maximum and its first index; NaN if the row has one.
  @inlinable
  public static func maximum<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int
  ) -> (value: S, index: Int) {
    var value = -S.infinity
    var index = 0
    for j in 0..<count where !(row[j] <= value) {
      value = row[j]
      index = j
      if value.isNaN { break }
    }
    return (value, index)
  }

  /// Σ exp(row[j] - shift) over j ≠ index.
  @inlinable
  public static func sumExp<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    shift: S,
    skipping index: Int
  ) -> S {
    var total = WideSum()
    for j in 0..<count where j != index { total.add(S.exp(row[j] - shift).widened) }
    return S(total.value)
  }

  /// out[j] = exp(row[j] - shift), and the sum of all but out[index].
  @inlinable
  public static func exponentials<S: LossScalar>(
    _ row: UnsafePointer<S>,
    count: Int,
    shift: S,
    skipping index: Int,
    into out: UnsafeMutablePointer<S>
  ) -> S {
    var total = WideSum()
    for j in 0..<count {
      out[j] = S.exp(row[j] - shift)
      if j != index { total.add(out[j].widened) }
    }
    return S(total.value)
  }
}
