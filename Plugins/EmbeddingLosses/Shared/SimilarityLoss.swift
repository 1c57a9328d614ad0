public import LossCore

/// A loss of a batch of vectors with labels, whose term for each item follows from its similarities
/// to all others.
///
/// Items that a mask or a weight of zero removes are not there: no other item sees them.
public protocol SimilarityLoss: BatchLoss {
  /// Whether similarities are cosines; otherwise they are products of the vectors as they are.
  var usesCosines: Bool { get }
  /// The term of one item, whose derivatives go into the slopes of the row.
  func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double
}

extension SimilarityLoss {
  /// Vectors and the groups that they belong to.
  public var signature: LossSignature { .labelledVectors }
  /// Only directions count.
  public var usesCosines: Bool { true }
  /// Every item is compared with all others.
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }

  /// The similarities of all pairs, a term for each row of them, and the way back.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let labels = pass.integers(1) else { return }
    let pass = copy pass
    let groups = LabelGroups(pass, labels)
    let vectors = NormalizedRows(pass, input: 0, at: groups.places, normalized: usesCosines)
    let count = groups.places.count
    let table = Matrix<S>(rows: count, columns: count)
    defer {
      vectors.deallocate()
      table.deallocate()
    }
    table.multiply(pass, vectors.table)
    let gradient = pass.gradient(0)
    table.forEachRow(pass, workspace: 2 * count) { item, workspace in
      workspace.initialize(repeating: 0, count: count)
      let similarities = table.row(item)
      let row = SimilarityRow(
        count: count, item: item, group: groups.ranges[item], similarities: similarities,
        derivatives: workspace, exponents: workspace + count)
      let place = groups.places[item]
      terms[place] = S(term(row))
      guard gradient != nil else { return }
      let coefficient = pass.gradientScale(place)
      for j in 0..<count {
        similarities[j] = S.select(coefficient == 0, 0, coefficient * row.derivatives[j])
      }
    }
    guard let gradient else { return }
    // Each similarity is in the rows of both its items.
    vectors.writeGradient(pass, vectors.table, into: gradient) { table.symmetricTile($0, $1, $2) }
  }
}

/// A similarity loss whose items weigh by the matches and strangers that they have.
public protocol MatchedSimilarityLoss: SimilarityLoss {
  /// What an item weighs that has so many matches and strangers.
  func termWeight(positives: Int, negatives: Int) -> Int
}

extension MatchedSimilarityLoss {
  /// The mean by what the items weigh, and 0 where none weighs anything.
  public var defaultReduction: Reduction {
    Reduction(.weightedMean, whenEmpty: .zero)
  }
  /// By their matches and strangers.
  public var hasTermWeights: Bool { true }

  /// Asks for the weight of each item that is there.
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    guard let labels = pass.integers(1) else { return }
    let groups = LabelGroups(pass, labels)
    for (place, group) in zip(groups.places, groups.ranges) {
      let negatives = groups.places.count - group.count
      termWeights[place] = S(termWeight(positives: group.count - 1, negatives: negatives))
    }
  }
}

/// The items that are there, in the order of their labels and then of their places.
struct LabelGroups {
  /// The place in the input of each item.
  let places: [Int]
  /// The items that have the same label, for each item.
  let ranges: [Range<Int>]

  init<S: LossScalar>(_ pass: borrowing KernelContext<S>, _ labels: UnsafePointer<Int>) {
    var places: [Int] = []
    places.reserveCapacity(pass.termCount)
    for item in 0..<pass.termCount where !pass.isRemoved(item) { places.append(item) }
    places.sort { (labels[$0], $0) < (labels[$1], $1) }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(places.count)
    var start = 0
    while start < places.count {
      var end = start
      while end < places.count, labels[places[end]] == labels[places[start]] { end += 1 }
      ranges.append(contentsOf: repeatElement(start..<end, count: end - start))
      start = end
    }
    self.places = places
    self.ranges = ranges
  }
}

extension LossSignature {
  /// Vectors, and the groups that they belong to.
  static let labelledVectors = LossSignature(
    .real(.prediction, "item feature"), .groups(.target, "item"), terms: "item")
}
