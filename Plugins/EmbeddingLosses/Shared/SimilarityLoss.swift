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
  /// Replaces the changes of the similarities of one item along a vector by those of the derivatives
  /// that `term` has written. Called only if the loss lists `rolesWithHessianVectorProduct`.
  func writeChanges<S: LossScalar>(_ row: SimilarityRow<S>, _ changes: UnsafeMutablePointer<S>)
}

extension SimilarityLoss {
  public var signature: LossSignature { .labelledVectors }
  /// Cosines by default.
  public var usesCosines: Bool { true }
  public var properties: [LossProperty] { [.batchDependent, .nonNegative] }
  /// NaN, since the loss has no second derivatives.
  public func writeChanges<S: LossScalar>(
    _ row: SimilarityRow<S>, _ changes: UnsafeMutablePointer<S>
  ) {
    for j in 0..<row.count { changes[j] = .nan }
  }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let labels = context.integers(1) else { return }
    let context = copy context
    let groups = LabelGroups(context, labels)
    let vectors = NormalizedRows(context, input: 0, at: groups.indices, normalized: usesCosines)
    defer { vectors.deallocate() }
    if let shared = SharedItems(context, groups.indices) {
      return try writeShare(context, groups, vectors, shared, into: terms)
    }
    let count = groups.indices.count
    let table = Matrix<S>(rows: count, columns: count)
    defer { table.deallocate() }
    table.addProduct(context, vectors.table)
    let gradient = context.gradient(0)
    let product = context.vector(0).map { SimilarityProduct(context, vectors, along: $0) }
    defer { product?.deallocate() }
    writeTerms(context, groups, table, of: Array(0..<count), product?.table, into: terms)
    guard let gradient else { return }
    if let product {
      return vectors.writeProduct(
        context, product.changes, (vectors.table, product.changes.table), into: gradient
      ) {
        table.symmetricTile($0, $1, $2)
      } changesOfDerivatives: {
        product.table.symmetricTile($0, $1, $2)
      }
    }
    // Each similarity depends on both its items.
    vectors.writeGradient(context, vectors.table, into: gradient) {
      table.symmetricTile($0, $1, $2)
    }
  }

  /// Writes the terms of all items, and the gradients of those of this process.
  private func writeShare<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ groups: LabelGroups, _ vectors: NormalizedRows<S>,
    _ shared: SharedItems, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let table = vectors.table.rows(shared.own)
    let similarities = Matrix<S>(rows: table.rows, columns: vectors.table.rows)
    defer {
      table.deallocate()
      similarities.deallocate()
    }
    similarities.addProduct(context, table, vectors.table)
    writeTerms(context, groups, similarities, of: shared.own, nil, into: terms)
    let all = try shared.exchange(shared.own.map { terms[groups.indices[$0]] }, each: 1)
    for (index, term) in zip(groups.indices, all) { terms[index] = term }
    guard let gradient = context.gradient(0) else { return }
    let columns = try shared.columns(of: similarities)
    defer { columns.deallocate() }
    // Each similarity depends on both its items.
    similarities.add(columns)
    vectors.writeGradient(context, of: shared.own, vectors.table, into: gradient) {
      rows, others, _ in
      similarities.tile(rows, others)
    }
  }

  /// Writes the terms of some items, given their similarities to all, and replaces these by the
  /// derivatives, and the changes of these along a vector by those of the derivatives.
  private func writeTerms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ groups: LabelGroups, _ table: Matrix<S>,
    of items: [Int],
    _ changes: Matrix<S>?, into terms: UnsafeMutablePointer<S>
  ) {
    let context = copy context
    let count = table.columns
    let wantsGradient = context.gradient(0) != nil
    table.forEachRow(context, workspace: 2 * count) { index, workspace in
      workspace.initialize(repeating: 0, count: count)
      let similarities = table.row(index)
      let item = items[index]
      let row = SimilarityRow(
        count: count, item: item, group: groups.ranges[item], similarities: similarities,
        derivatives: workspace, exponents: workspace + count)
      terms[groups.indices[item]] = S(term(row))
      guard wantsGradient else { return }
      let gradientScale = context.gradientScale(groups.indices[item])
      if let changes = changes?.row(index) {
        writeChanges(row, changes)
        for j in 0..<count {
          changes[j] = S.select(gradientScale == 0, 0, gradientScale * changes[j])
        }
      }
      for j in 0..<count {
        similarities[j] = S.select(gradientScale == 0, 0, gradientScale * row.derivatives[j])
      }
    }
  }
}

/// The changes of the vectors of a batch, and of their similarities, along a vector.
private struct SimilarityProduct<S: LossScalar> {
  let changes: RowChanges<S>
  /// The changes of the similarities; then those of the derivatives.
  let table: Matrix<S>

  init(
    _ context: borrowing KernelContext<S>, _ vectors: NormalizedRows<S>,
    along vector: UnsafePointer<S>
  ) {
    let count = vectors.indices.count
    changes = RowChanges(vectors, along: vector)
    table = Matrix<S>(rows: count, columns: count)
    table.addProduct(context, changes.table, vectors.table)
    for i in 0..<count {
      for j in 0...i {
        let sum = table.row(i)[j] + table.row(j)[i]
        table.row(i)[j] = sum
        table.row(j)[i] = sum
      }
    }
  }

  func deallocate() {
    changes.deallocate()
    table.deallocate()
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
    _ context: borrowing KernelContext<S>, into termWeights: inout [S]
  ) {
    guard let labels = context.integers(1) else { return }
    let groups = LabelGroups(context, labels)
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

  init<S: LossScalar>(_ context: borrowing KernelContext<S>, _ labels: UnsafePointer<Int>) {
    var indices: [Int] = []
    indices.reserveCapacity(context.termCount)
    for item in 0..<context.termCount where !context.isRemoved(item) { indices.append(item) }
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
