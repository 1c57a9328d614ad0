public import LossCore

/// A loss of a batch of labelled embeddings, whose term for each item depends on its similarities
/// to all others.
///
/// Masked and zero-weighted items leave the batch: they are neither positives nor negatives.
public protocol SimilarityLoss: BatchLoss {
  /// Whether similarities are cosines; otherwise dot products.
  var usesCosines: Bool { get }
  /// The term of one item; writes its derivatives to `row.derivatives`.
  func term<S: LossScalar>(_ row: SimilarityRow<S>) -> Double
}

extension SimilarityLoss {
  public var signature: LossSignature { .labelledVectors }
  /// Cosines by default.
  public var usesCosines: Bool { true }
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }

  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let labels = pass.integers(1) else { return }
    let pass = copy pass
    let groups = LabelGroups(pass, labels)
    let vectors = NormalizedRows(pass, input: 0, at: groups.indices, normalized: usesCosines)
    let count = groups.indices.count
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
      let index = groups.indices[item]
      terms[index] = S(term(row))
      guard gradient != nil else { return }
      let gradientScale = pass.gradientScale(index)
      for j in 0..<count {
        similarities[j] = S.select(gradientScale == 0, 0, gradientScale * row.derivatives[j])
      }
    }
    guard let gradient else { return }
    // Each similarity depends on both its items.
    vectors.writeGradient(pass, vectors.table, into: gradient) { table.symmetricTile($0, $1, $2) }
  }
}

/// A similarity loss whose term weights depend on the numbers of positives and negatives.
public protocol MatchedSimilarityLoss: SimilarityLoss {
  /// The term weight of an item with these numbers of positives and negatives.
  func termWeight(positives: Int, negatives: Int) -> Int
}

extension MatchedSimilarityLoss {
  public var defaultReduction: Reduction {
    Reduction(.weightedMean, whenEmpty: .zero)
  }
  public var hasTermWeights: Bool { true }

  /// The weights of all items in the batch.
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    guard let labels = pass.integers(1) else { return }
    let groups = LabelGroups(pass, labels)
    for (index, group) in zip(groups.indices, groups.ranges) {
      let negatives = groups.indices.count - group.count
      termWeights[index] = S(termWeight(positives: group.count - 1, negatives: negatives))
    }
  }
}

/// The unmasked items, sorted by label and then by index.
struct LabelGroups {
  /// The index in the input of each item.
  let indices: [Int]
  /// The range of items with the same label, for each item.
  let ranges: [Range<Int>]

  init<S: LossScalar>(_ pass: borrowing KernelContext<S>, _ labels: UnsafePointer<Int>) {
    var indices: [Int] = []
    indices.reserveCapacity(pass.termCount)
    for item in 0..<pass.termCount where !pass.isRemoved(item) { indices.append(item) }
    indices.sort { (labels[$0], $0) < (labels[$1], $1) }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(indices.count)
    var start = 0
    while start < indices.count {
      var end = start
      while end < indices.count, labels[indices[end]] == labels[indices[start]] { end += 1 }
      ranges.append(contentsOf: repeatElement(start..<end, count: end - start))
      start = end
    }
    self.indices = indices
    self.ranges = ranges
  }
}

extension LossSignature {
  /// Embeddings and labels.
  static let labelledVectors = LossSignature(
    .real(.prediction, "item feature"), .groups(.target, "item"), terms: "item")
}
