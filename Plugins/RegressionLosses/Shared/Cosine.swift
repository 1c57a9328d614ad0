public import LossCore

/// The options of `cosine_similarity` and `cosine_distance`.
public struct CosineOptions: LossOptions {
  /// The quantity that epsilon bounds.
  public enum Bounded: String, OptionChoice {
    /// The product of the lengths.
    case product
    /// Each length separately.
    case each
  }

  /// Lower bound of the product of the lengths, or of each length.
  public var epsilon: Epsilon = 0
  /// Whether epsilon bounds the product of the lengths, or each length.
  public var bounded = Bounded.product
  /// No bound.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .epsilon("epsilon", \.epsilon, "lower bound of the product of the lengths, or of each length"),
    .choice(
      "bounded", \.bounded, "whether epsilon bounds the product of the lengths, or each length"),
  ]
}

/// The cosine of two rows.
enum Cosine {
  /// The cosine and 1 - cosine; writes the cosine's gradient, multiplied by `scale`, if requested.
  ///
  /// The rows are first divided by their largest magnitudes, so that squares neither overflow nor
  /// underflow, and summed in `Double`.
  static func values<S: LossScalar>(
    _ row: Row<S>, _ options: CosineOptions, scale: S
  ) -> (cosine: S, distance: S) {
    guard let first = row[0], let second = row[1] else { return (0, 1) }
    let maxima = (largestMagnitude(first, row.count), largestMagnitude(second, row.count))
    let isZero = maxima.0 == 0 || maxima.1 == 0
    let units = (Double(maxima.0 == 0 ? 1 : maxima.0), Double(maxima.1 == 0 ? 1 : maxima.1))
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
    // A zero vector has no direction, so no gradient; with a clipped length the cosine is linear.
    let isUndefined = (maxima.0 == 0 && !isClipped.0) || (maxima.1 == 0 && !isClipped.1)
    let scale = isUndefined ? 0 : Double(scale)
    write(
      row.gradient(0), first, second, units, divisor, scale,
      parallel: isZero || isClipped.0 ? 0 : cosine / sums.first, row.count)
    write(
      row.gradient(1), second, first, (units.1, units.0), divisor, scale,
      parallel: isZero || isClipped.1 ? 0 : cosine / sums.second, row.count)
    if isZero || isClipped.0 || isClipped.1 { return (S(cosine), S(1 - cosine)) }
    // 1 - cosine would cancel for nearly parallel vectors.
    var distance = 0.0
    for i in 0..<row.count {
      let difference =
        Double(first[i]) / units.0 / lengths.0 - Double(second[i]) / units.1 / lengths.1
      distance += difference * difference
    }
    return (S(cosine), S(distance / 2))
  }

  /// Writes the product of the cosine's Hessian with the vector, multiplied by `scale`.
  static func writeProducts<S: LossScalar>(_ row: Row<S>, _ options: CosineOptions, scale: S) {
    guard let first = row[0], let second = row[1] else { return }
    let epsilon = Double(options.epsilon(S.self))
    RowMath.cosineProducts(
      first, second, (row.vector(0), row.vector(1)), count: row.count,
      bound: options.bounded == .product ? .product(epsilon) : .each(epsilon), scale: scale,
      into: (row.gradient(0), row.gradient(1)))
  }

  /// The divisor of the dot product, and which lengths are clipped at epsilon and so held constant;
  /// for rows divided by `units`.
  static func divisor(
    _ lengths: (Double, Double), _ epsilon: Double, _ options: CosineOptions,
    _ units: (Double, Double)
  ) -> (divisor: Double, isClipped: (Bool, Bool)) {
    switch options.bounded {
    case .product:
      let bound = epsilon / units.0 / units.1
      let product = lengths.0 * lengths.1
      return product < bound ? (bound, (true, true)) : (product, (false, false))
    case .each:
      let bound = (epsilon / units.0, epsilon / units.1)
      let isClipped = (lengths.0 < bound.0, lengths.1 < bound.1)
      let first = isClipped.0 ? bound.0 : lengths.0
      return (first * (isClipped.1 ? bound.1 : lengths.1), isClipped)
    }
  }

  static func write<S: LossScalar>(
    _ gradient: UnsafeMutablePointer<S>?, _ vector: UnsafePointer<S>, _ other: UnsafePointer<S>,
    _ units: (Double, Double), _ divisor: Double, _ scale: Double, parallel: Double, _ count: Int
  ) {
    guard let gradient else { return }
    for i in 0..<count {
      let derivative = Double(other[i]) / units.1 / divisor - parallel * Double(vector[i]) / units.0
      gradient[i] = scale == 0 ? 0 : S(scale * derivative / units.0)
    }
  }

  static func largestMagnitude<S: LossScalar>(_ row: UnsafePointer<S>, _ count: Int) -> S {
    var maximum: S = 0
    for i in 0..<count { maximum = S.maximumPropagatingNaN(maximum, row[i].magnitude) }
    return maximum
  }
}
