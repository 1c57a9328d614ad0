public import LossCore

/// The options of the cosine losses.
public struct CosineOptions: LossOptions {
  /// The smallest product of lengths that is divided by.
  public var epsilon: Epsilon = 0
  /// No smallest product.
  public init() {}
  /// The options, described.
  public static let fields: [OptionField<Self>] = [
    .epsilon("epsilon", \.epsilon, "the smallest product of lengths that is divided by")
  ]
}

/// The cosine of two rows.
@usableFromInline enum Cosine {
  /// The cosine and one minus it; writes the cosine's gradient, multiplied by `scale`, where it is
  /// wanted.
  ///
  /// The rows are scaled by their largest elements first, so that squares neither overflow nor
  /// vanish, and summed in `Double`.
  @inlinable
  static func values<S: LossScalar>(
    _ row: Row<S>, _ options: CosineOptions, scale: S
  ) -> (cosine: S, distance: S) {
    guard let first = row[0], let second = row[1] else { return (0, 1) }
    let tops = (largest(first, row.count), largest(second, row.count))
    let isZero = tops.0 == 0 || tops.1 == 0
    let units = (Double(tops.0 == 0 ? 1 : tops.0), Double(tops.1 == 0 ? 1 : tops.1))
    var sums = (dot: 0.0, first: 0.0, second: 0.0)
    for i in 0..<row.count {
      let x = Double(first[i]) / units.0
      let y = Double(second[i]) / units.1
      sums.dot += x * y
      sums.first += x * x
      sums.second += y * y
    }
    let lengths = (sums.first.squareRoot(), sums.second.squareRoot())
    let epsilon = Double(options.epsilon(S.self)) / units.0 / units.1
    let product = lengths.0 * lengths.1
    let isClipped = product < epsilon
    let divisor = isClipped ? epsilon : product
    let cosine = isZero ? 0 : sums.dot / divisor
    // A zero vector has no direction; but up to ε the cosine is linear in each vector.
    let scale = isZero && !isClipped ? 0 : Double(scale)
    write(
      row.gradient(0), first, second, units, divisor, scale,
      pull: isZero || isClipped ? 0 : cosine / sums.first, row.count)
    write(
      row.gradient(1), second, first, (units.1, units.0), divisor, scale,
      pull: isZero || isClipped ? 0 : cosine / sums.second, row.count)
    if isZero || isClipped { return (S(cosine), S(1 - cosine)) }
    // One minus the cosine would cancel for vectors of nearly one direction.
    var distance = 0.0
    for i in 0..<row.count {
      let apart =
        Double(first[i]) / units.0 / lengths.0 - Double(second[i]) / units.1 / lengths.1
      distance += apart * apart
    }
    return (S(cosine), S(distance / 2))
  }

  @inlinable
  static func write<S: LossScalar>(
    _ gradient: UnsafeMutablePointer<S>?, _ own: UnsafePointer<S>, _ other: UnsafePointer<S>,
    _ units: (Double, Double), _ divisor: Double, _ scale: Double, pull: Double, _ count: Int
  ) {
    guard let gradient else { return }
    for i in 0..<count {
      let away = Double(other[i]) / units.1 / divisor - pull * Double(own[i]) / units.0
      gradient[i] = scale == 0 ? 0 : S(scale * away / units.0)
    }
  }

  @inlinable
  static func largest<S: LossScalar>(_ row: UnsafePointer<S>, _ count: Int) -> S {
    var top: S = 0
    for i in 0..<count { top = S.larger(top, row[i].magnitude) }
    return top
  }
}
