public import LossCore

/// A loss of a batch of vectors with labels, whose term for each item follows from its similarities
/// to all others.
///
/// Items that a mask or a weight of zero removes are not there: no other item sees them.
public protocol SimilarityLoss: BatchLoss {
  /// Whether similarities are cosines; otherwise they are products of the vectors as they are.
  var usesCosines: Bool { get }
  /// The term of one item, whose derivatives go into the slopes of the row.
  func term(_ row: SimilarityRow) -> Double
}

extension SimilarityLoss {
  /// Vectors and the groups that they belong to.
  public var signature: LossSignature { .labelledVectors }
  /// Only directions count.
  @inlinable public var usesCosines: Bool { true }
  /// Every item is compared with all others.
  public var traits: [LossTrait] { [.couplesSamples, .nonNegative] }

  /// The similarities of all pairs, a term for each row of them, and the way back.
  @inlinable
  public func terms<S: LossScalar>(
    _ pass: borrowing LossPass<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    guard let labels = pass.integers(1) else { return }
    let pass = copy pass
    let groups = LabelGroups(pass, labels)
    let vectors = UnitVectors(pass, input: 0, at: groups.places, normalized: usesCosines)
    let table = vectors.products(pass)
    defer {
      vectors.deallocate()
      table.deallocate()
    }
    let coefficients = groups.places.map { pass.coefficient($0).widened }
    let rooms = NumberTable(rows: pass.workers(for: table.bandCount), columns: 2 * table.columns)
    defer { rooms.deallocate() }
    pass.forEachPiece(table.bandCount) { band, worker in
      let room = rooms.row(worker)
      for item in table.band(band) {
        let similarities = table.row(item)
        room.initialize(repeating: 0, count: 2 * table.columns)
        let row = SimilarityRow(
          count: table.columns, item: item, group: groups.ranges[item], similarities: similarities,
          slopes: room, exponents: room + table.columns)
        terms[groups.places[item]] = S(term(row))
        let coefficient = coefficients[item]
        for j in 0..<row.count {
          similarities[j] = Double.select(coefficient == 0, 0, coefficient * row.slopes[j])
        }
      }
    }
    guard let gradient = pass.gradient(0) else { return }
    table.addTransposed(pass)
    vectors.writeGradient(pass, table, vectors.table, into: gradient)
  }
}

/// A similarity loss whose items weigh by the matches and strangers that they have.
public protocol MatchedSimilarityLoss: SimilarityLoss {
  /// What an item weighs that has so many matches and strangers.
  func measure(matches: Int, strangers: Int) -> Int
}

extension MatchedSimilarityLoss {
  /// The mean by what the items weigh, and 0 where none weighs anything.
  @inlinable public var defaultReduction: Reduction {
    Reduction(.weightedMean, whenEmpty: .zero)
  }
  /// By their matches and strangers.
  @inlinable public var weighsTerms: Bool { true }

  /// Asks for the weight of each item that is there.
  @inlinable
  public func measure<S: LossScalar>(_ pass: borrowing LossPass<S>, into measures: inout [S]) {
    guard let labels = pass.integers(1) else { return }
    var counts: [Int: Int] = [:]
    var total = 0
    for item in measures.indices where !pass.isRemoved(item) {
      counts[labels[item], default: 0] += 1
      total += 1
    }
    for item in measures.indices where !pass.isRemoved(item) {
      let group = counts[labels[item]] ?? 1
      measures[item] = S(measure(matches: group - 1, strangers: total - group))
    }
  }
}

/// The items that are there, in the order of their labels and then of their places.
@usableFromInline struct LabelGroups {
  /// The place in the input of each item.
  @usableFromInline let places: [Int]
  /// The items that have the same label, for each item.
  @usableFromInline let ranges: [Range<Int>]

  @inlinable
  init<S: LossScalar>(_ pass: borrowing LossPass<S>, _ labels: UnsafePointer<Int>) {
    var there: [Int] = []
    for item in 0..<pass.termCount where !pass.isRemoved(item) { there.append(item) }
    places = there.sorted { (labels[$0], $0) < (labels[$1], $1) }
    var ranges: [Range<Int>] = []
    var start = 0
    while start < places.count {
      var end = start
      while end < places.count, labels[places[end]] == labels[places[start]] { end += 1 }
      ranges.append(contentsOf: repeatElement(start..<end, count: end - start))
      start = end
    }
    self.ranges = ranges
  }
}

extension UnitVectors {
  /// The products of all pairs: those above the diagonal are computed, the others are the same.
  @inlinable
  func products(_ pass: borrowing LossPass<S>) -> NumberTable {
    let pass = copy pass
    let result = NumberTable(rows: table.rows, columns: table.rows)
    let across = table.transposed()
    defer { across.deallocate() }
    pass.forEachPiece(result.bandCount) { band in
      result.setBand(band, toProductOf: table, across, from: result.band(band).lowerBound)
    }
    pass.forEachPiece(result.bandCount) { band in
      let rows = result.band(band)
      for column in 0..<rows.upperBound {
        for row in max(rows.lowerBound, column)..<rows.upperBound {
          result.row(row)[column] = result.row(column)[row]
        }
      }
    }
    return result
  }
}

extension NumberTable {
  /// Adds to each number the one that lies opposite, on the other side of the diagonal.
  @inlinable
  func addTransposed<S: LossScalar>(_ pass: borrowing LossPass<S>) {
    let pass = copy pass
    pass.forEachPiece(bandCount) { band in
      let rows = self.band(band)
      for column in rows.lowerBound..<columns {
        for row in rows.lowerBound..<min(rows.upperBound, column + 1) {
          let both = self.row(row)[column] + self.row(column)[row]
          self.row(row)[column] = both
          self.row(column)[row] = both
        }
      }
    }
  }
}

extension LossSignature {
  /// Vectors, and the groups that they belong to.
  @usableFromInline static let labelledVectors = LossSignature(
    .real(.prediction, "item feature"), .groups(.target, "item"), terms: "item")
}
