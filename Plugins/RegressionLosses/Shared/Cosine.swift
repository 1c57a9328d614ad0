public import LossCore

/// The options of the cosine losses.
public struct CosineOptions: LossOptions {
  /// What has a smallest value.
  public enum Bounded: String, OptionChoice {
    /// The product of both lengths.
    case product
    /// Each length by itself.
    case each
  }

  /// The smallest product of lengths, or the smallest length, that is divided by.
  public var epsilon: Epsilon = 0
  /// Which of the two.
  public var bounded = Bounded.product
  /// Nothing is too small.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .epsilon("epsilon", \.epsilon, "the smallest number that is divided by"),
    .choice("bounded", \.bounded, "what is no smaller: the product of the lengths, or each"),
  ]
}

/// The cosine of two rows.
enum Cosine {
  /// The cosine and one minus it; writes the cosine's gradient, multiplied by `scale`, where it is
  /// wanted.
  ///
  /// The rows are scaled by their largest elements first, so that squares neither overflow nor
  /// vanish, and summed in `Double`.
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
    let (divisor, isClipped) = divisor(lengths, Double(options.epsilon(S.self)), options, units)
    let cosine = isZero ? 0 : sums.dot / divisor
    // A zero vector has no direction; but up to ε the cosine is linear in each vector.
    let isStuck = (tops.0 == 0 && !isClipped.0) || (tops.1 == 0 && !isClipped.1)
    let scale = isStuck ? 0 : Double(scale)
    write(
      row.gradient(0), first, second, units, divisor, scale,
      pull: isZero || isClipped.0 ? 0 : cosine / sums.first, row.count)
    write(
      row.gradient(1), second, first, (units.1, units.0), divisor, scale,
      pull: isZero || isClipped.1 ? 0 : cosine / sums.second, row.count)
    if isZero || isClipped.0 || isClipped.1 { return (S(cosine), S(1 - cosine)) }
    // One minus the cosine would cancel for vectors of nearly one direction.
    var distance = 0.0
    for i in 0..<row.count {
      let apart =
        Double(first[i]) / units.0 / lengths.0 - Double(second[i]) / units.1 / lengths.1
      distance += apart * apart
    }
    return (S(cosine), S(distance / 2))
  }

  /// What the product of the rows is divided by, and which lengths it does not depend on; all of it
  /// in multiples of the units.
  static func divisor(
    _ lengths: (Double, Double), _ epsilon: Double, _ options: CosineOptions,
    _ units: (Double, Double)
  ) -> (divisor: Double, isClipped: (Bool, Bool)) {
    switch options.bounded {
    case .product:
      let least = epsilon / units.0 / units.1
      let product = lengths.0 * lengths.1
      return product < least ? (least, (true, true)) : (product, (false, false))
    case .each:
      let least = (epsilon / units.0, epsilon / units.1)
      let isClipped = (lengths.0 < least.0, lengths.1 < least.1)
      let first = isClipped.0 ? least.0 : lengths.0
      return (first * (isClipped.1 ? least.1 : lengths.1), isClipped)
    }
  }

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

  static func largest<S: LossScalar>(_ row: UnsafePointer<S>, _ count: Int) -> S {
    var top: S = 0
    for i in 0..<count { top = S.maximumPropagatingNaN(top, row[i].magnitude) }
    return top
  }
}
