package import LossNumerics

/// The sums that a partial result consists of. Merging adds them.
package struct PartialSums: Hashable, Sendable {
  /// The sums of one region.
  package struct Region: Hashable, Sendable {
    /// The sums of the summands, and those of the formula for sums that overflow.
    package var sums: [ExactAccumulator] = []
    package var scaledSums: [ExactAccumulator] = []
    /// The number of elements.
    package var count = 0
  }

  /// The sum of the weighted terms.
  package var sum = ExactAccumulator()
  /// The divisor of a mean.
  package var divisor = ExactAccumulator()
  /// The number of terms that are kept.
  package var termCount = 0
  /// The number of classes; 0 for a loss without a class axis, and nil until some data are added.
  package var classCount: Int?
  package var regions: [Region] = []
  /// The sums of the losses that this one is made of.
  package var parts: [PartialSums] = []

  package init() {}

  /// Adds the sums of other data.
  ///
  /// - Throws: `LossError` of code `shape_mismatch` if the numbers of classes differ.
  package mutating func add(_ other: PartialSums) throws(LossError) {
    guard classCount == nil || other.classCount == nil || classCount == other.classCount,
      regions.count == other.regions.count || regions.isEmpty || other.regions.isEmpty,
      parts.count == other.parts.count || parts.isEmpty || other.parts.isEmpty
    else {
      let (count, expected) = (other.classCount ?? 0, classCount ?? 0)
      throw LossError(
        .shapeMismatch, subject: "partial",
        found: "has \(count) classes, \(other.regions.count) regions, \(other.parts.count) parts",
        expected: "\(expected) classes, \(regions.count) regions, \(parts.count) parts")
    }
    sum.add(other.sum)
    divisor.add(other.divisor)
    termCount &+= other.termCount
    classCount = classCount ?? other.classCount
    if regions.isEmpty {
      regions = other.regions
    } else {
      for (index, region) in other.regions.enumerated() { try regions[index].add(region) }
    }
    if parts.isEmpty {
      parts = other.parts
    } else {
      for (index, part) in other.parts.enumerated() { try parts[index].add(part) }
    }
  }
}

extension PartialSums.Region {
  fileprivate mutating func add(_ other: Self) throws(LossError) {
    guard sums.count == other.sums.count, scaledSums.count == other.scaledSums.count else {
      throw LossError(
        .shapeMismatch, subject: "partial",
        found: "has \(other.sums.count) and \(other.scaledSums.count) sums of a region",
        expected: "\(sums.count) and \(scaledSums.count)")
    }
    for index in sums.indices { sums[index].add(other.sums[index]) }
    for index in scaledSums.indices { scaledSums[index].add(other.scaledSums[index]) }
    count &+= other.count
  }

  /// The rounded sums for the formula, as those of a single evaluation.
  func totals() -> RegionTotals {
    var totals = RegionTotals()
    totals.count = count
    totals.set(sums)
    if !totals.areFinite, !scaledSums.isEmpty {
      totals.set(scaledSums)
      totals.isScaledDown = true
    }
    return totals
  }
}

extension RegionTotals {
  fileprivate mutating func set(_ accumulators: [ExactAccumulator]) {
    func sum(_ index: Int) -> CompensatedSum {
      var sum = CompensatedSum()
      if index < accumulators.count { sum.add(accumulators[index].value) }
      return sum
    }
    sums = (sum(0), sum(1), sum(2), sum(3))
  }
}
