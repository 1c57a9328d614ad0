public import LossCore

/// The similarities of one item to all items of its batch, which are sorted by label.
public struct SimilarityRow<S: LossScalar> {
  /// The number of items.
  public let count: Int
  /// The index of the item itself.
  public let item: Int
  /// The indices of the items with its label, itself included; all others are negatives.
  public let group: Range<Int>
  /// The similarities.
  public let similarities: UnsafePointer<S>
  /// The derivatives of the term with respect to the similarities: initially 0.
  public let derivatives: UnsafeMutablePointer<S>
  /// A workspace of `count` elements for the exponents.
  public let exponents: UnsafeMutablePointer<S>

  init(
    count: Int, item: Int, group: Range<Int>, similarities: UnsafePointer<S>,
    derivatives: UnsafeMutablePointer<S>, exponents: UnsafeMutablePointer<S>
  ) {
    self.count = count
    self.item = item
    self.group = group
    self.similarities = similarities
    self.derivatives = derivatives
    self.exponents = exponents
  }

  /// The number of positives.
  public var positiveCount: Int { group.count - 1 }

  /// Sums the exponentials of all other items; stores them in `derivatives`.
  @inline(__always)
  public func sumOthers(_ exponent: (S) -> S) -> SimilaritySum {
    for j in 0..<count { exponents[j] = exponent(similarities[j]) }
    exponents[item] = -.infinity
    return SimilaritySum(exponents, count: count, into: derivatives)
  }

  /// Sums the exponentials of the negatives; stores them in `derivatives`, and 0 for positives.
  @inline(__always)
  public func sumOverNegatives(_ exponent: (S) -> S) -> SimilaritySum {
    for j in 0..<count { exponents[j] = exponent(similarities[j]) }
    for j in group { exponents[j] = -.infinity }
    return SimilaritySum(exponents, count: group.count < count ? count : 0, into: derivatives)
  }

  /// Sums the exponentials of the positives, optionally with the item itself; stores them in
  /// `derivatives`.
  @inline(__always)
  public func sumOverPositives(
    withItself: Bool = false, _ exponent: (S) -> S
  ) -> SimilaritySum {
    for j in group { exponents[j] = exponent(similarities[j]) }
    if !withItself { exponents[item] = -.infinity }
    let start = group.lowerBound
    return SimilaritySum(
      exponents + start, count: withItself || positiveCount > 0 ? group.count : 0,
      into: derivatives + start)
  }

  /// Multiplies the derivatives of the negatives.
  @inline(__always)
  public func scaleNegatives(_ factor: (S) -> Double) {
    for j in 0..<group.lowerBound {
      derivatives[j] = S(factor(similarities[j]) * Double(derivatives[j]))
    }
    for j in group.upperBound..<count {
      derivatives[j] = S(factor(similarities[j]) * Double(derivatives[j]))
    }
  }

  /// Multiplies the derivatives of the items with the same label.
  @inline(__always)
  public func scaleGroup(_ factor: (S) -> Double) {
    for j in group { derivatives[j] = S(factor(similarities[j]) * Double(derivatives[j])) }
  }
}

/// A sum of exponentials, as a stable log-sum-exp.
public struct SimilaritySum {
  /// The largest exponent, -∞ for an empty sum.
  public let maximum: Double
  /// The logarithm of the sum minus the largest exponent.
  public let logSumExpMinusMaximum: Double
  /// The factor that turns a stored exponential into its softmax probability.
  public let normalizer: Double
  /// The softmax probability of all exponents but the largest.
  public let complement: Double

  /// The logarithm of the sum.
  public var logarithm: Double { maximum + logSumExpMinusMaximum }

  @inline(__always)
  init<S: LossScalar>(
    _ exponents: UnsafePointer<S>, count: Int, into results: UnsafeMutablePointer<S>
  ) {
    guard count > 0 else {
      (maximum, logSumExpMinusMaximum, normalizer, complement) = (-.infinity, 0, 0, 0)
      return
    }
    let row = RowMath.exponentials(exponents, count: count, into: results)
    maximum = row.top.asDouble
    logSumExpMinusMaximum = Double.log(onePlus: row.sum.sumExcludingMax / row.sum.maxExponential)
    normalizer = 1 / row.sum.total
    complement = row.sum.sumExcludingMax / row.sum.total
  }
}
