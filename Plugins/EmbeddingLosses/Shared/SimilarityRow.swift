public import LossCore

/// The similarities of one item to all items of its batch, which lie in the order of their labels.
public struct SimilarityRow<S: LossScalar> {
  /// How many items there are.
  public let count: Int
  /// The place of the item itself.
  public let item: Int
  /// The places of the items with its label, itself among them; all others are strangers.
  public let group: Range<Int>
  /// The similarities.
  public let similarities: UnsafePointer<S>
  /// The derivatives of the term with respect to them: 0 at first.
  public let derivatives: UnsafeMutablePointer<S>
  /// Room for as many numbers.
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

  /// How many other items have the label.
  public var matchCount: Int { group.count - 1 }

  /// Sums the exponentials of all other items, and leaves them in the slopes.
  @inline(__always)
  public func sumOthers(_ exponent: (S) -> S) -> SimilaritySum {
    for j in 0..<count { exponents[j] = exponent(similarities[j]) }
    exponents[item] = -.infinity
    return SimilaritySum(exponents, count: count, into: derivatives)
  }

  /// Sums the exponentials of the strangers, and leaves them in the slopes, those of matches as 0.
  @inline(__always)
  public func sumOverNegatives(_ exponent: (S) -> S) -> SimilaritySum {
    for j in 0..<count { exponents[j] = exponent(similarities[j]) }
    for j in group { exponents[j] = -.infinity }
    return SimilaritySum(exponents, count: group.count < count ? count : 0, into: derivatives)
  }

  /// Sums the exponentials of the matches, and leaves them in the slopes; with those of the item
  /// itself if that is wanted.
  @inline(__always)
  public func sumOverPositives(
    withItself: Bool = false, _ exponent: (S) -> S
  ) -> SimilaritySum {
    for j in group { exponents[j] = exponent(similarities[j]) }
    if !withItself { exponents[item] = -.infinity }
    let start = group.lowerBound
    return SimilaritySum(
      exponents + start, count: withItself || matchCount > 0 ? group.count : 0,
      into: derivatives + start)
  }

  /// Multiplies the slopes of the strangers.
  @inline(__always)
  public func scaleNegatives(_ factor: (S) -> Double) {
    for j in 0..<group.lowerBound {
      derivatives[j] = S(factor(similarities[j]) * Double(derivatives[j]))
    }
    for j in group.upperBound..<count {
      derivatives[j] = S(factor(similarities[j]) * Double(derivatives[j]))
    }
  }

  /// Multiplies the slopes of the items with the label.
  @inline(__always)
  public func scaleGroup(_ factor: (S) -> Double) {
    for j in group { derivatives[j] = S(factor(similarities[j]) * Double(derivatives[j])) }
  }
}

/// A sum of exponentials.
public struct SimilaritySum {
  /// The largest exponent, -∞ if there was nothing to add.
  public let top: Double
  /// The logarithm of the sum less the largest exponent.
  public let excess: Double
  /// What makes its share of an exponential as it was left.
  public let unit: Double
  /// The share of all but the largest.
  public let rest: Double

  /// The logarithm of the sum.
  public var logarithm: Double { top + excess }

  @inline(__always)
  init<S: LossScalar>(
    _ exponents: UnsafePointer<S>, count: Int, into results: UnsafeMutablePointer<S>
  ) {
    guard count > 0 else {
      (top, excess, unit, rest) = (-.infinity, 0, 0, 0)
      return
    }
    let row = RowMath.exponentials(exponents, count: count, into: results)
    top = row.top.asDouble
    excess = Double.log(onePlus: row.sum.sumExcludingMax / row.sum.maxExponential)
    unit = 1 / row.sum.total
    rest = row.sum.sumExcludingMax / row.sum.total
  }
}
