import LossCore

/// The items of one list that are there, gathered into the working memory of its row.
///
/// An item whose relevance is below zero is padding: nothing of it is read and its gradient is 0, so
/// that a list has the same loss however far it is padded.
public struct RankedList {
  /// How many items are there.
  public let count: Int
  /// The scores of these items.
  public let scores: UnsafeMutablePointer<Double>
  /// Their relevances.
  public let relevance: UnsafeMutablePointer<Double>
  /// Where the derivatives with respect to the scores are added up; 0 at first.
  public let derivatives: UnsafeMutablePointer<Double>
  /// What gains are divided by, as a power of 2: 0 unless they would overflow. Only their ratios count.
  let shift: Double
  /// Three rows of further memory, for a loss's own use.
  public let rest: UnsafeMutablePointer<Double>

  /// How much memory a list of this length needs.
  public static func workspaceCount(length: Int) -> Int { 6 * length }

  /// Scores and relevances of a row whose first two inputs are these.
  init<S: LossScalar>(_ row: Row<S>) {
    scores = row.workspace
    relevance = scores + row.count
    derivatives = relevance + row.count
    rest = derivatives + row.count
    guard let given = row[0], let targets = row[1] else {
      count = 0
      shift = 0
      return
    }
    var found = 0
    var top = 0.0
    for i in 0..<row.count where !(targets[i] < 0) {
      scores[found] = Double(given[i])
      relevance[found] = Double(targets[i])
      derivatives[found] = 0
      top = max(top, relevance[found])
      found += 1
    }
    count = found
    shift = max(0, top - 1000)
  }

  /// Brings the derivatives to the places of the items, times the row's coefficient.
  func writeGradient<S: LossScalar>(_ row: Row<S>) {
    guard let gradient = row.gradient(0), let targets = row[1] else { return }
    let coefficient = Double(row.gradientScale)
    var next = 0
    for i in 0..<row.count {
      let isPadding = targets[i] < 0
      gradient[i] = isPadding || coefficient == 0 ? 0 : S(coefficient * derivatives[next])
      next += isPadding ? 0 : 1
    }
  }

  /// What a list weighs: below zero, so that it does not count, if no item is there.
  static func termWeight<S: LossScalar>(_ row: Row<S>) -> S {
    guard let targets = row[1] else { return -1 }
    for i in 0..<row.count where !(targets[i] < 0) { return 1 }
    return -1
  }

  /// Calls a function for each pair of items of which the first is more relevant.
  @inline(__always)
  public func forEachPair(_ body: (Int, Int) -> Void) {
    for i in 0..<count {
      for j in 0..<count where relevance[i] > relevance[j] { body(i, j) }
    }
  }

  /// Whether something that is not a number is among scores and relevances.
  var hasNaN: Bool {
    for i in 0..<count where scores[i].isNaN || relevance[i].isNaN { return true }
    return false
  }

  /// The items in falling order of a key, equal ones as they stand; written as numbers.
  public func sort(by key: UnsafeMutablePointer<Double>, into order: UnsafeMutablePointer<Double>) {
    for i in 0..<count { order[i] = Double(i) }
    var places = UnsafeMutableBufferPointer(start: order, count: count)
    places.sort { a, b in
      let (x, y) = (key[Int(a)], key[Int(b)])
      return x == y ? a < b : x > y
    }
  }
}

extension RankedList {
  /// The gain of an item, `2^relevance - 1`, divided by `2^shift`.
  @inline(__always)
  public func gain(_ item: Int) -> Double {
    let logOfTwo = 0.6931471805599453
    guard shift > 0 else { return Double.expMinusOne(relevance[item] * logOfTwo) }
    return Double.exp((relevance[item] - shift) * logOfTwo) - Double.exp(-shift * logOfTwo)
  }

  /// The discount of a rank that counts from 1, `log2(1 + rank)`; gains are divided by it.
  @inline(__always)
  public static func discount(_ rank: Double) -> Double {
    Double.log(onePlus: rank) * 1.4426950408889634
  }

  /// The largest discounted sum of gains that any order of these items has, over the first `most`.
  ///
  /// Leaves the order by relevance in the second row of `rest`.
  public func idealGain(most: Int) -> Double {
    let order = rest + capacity
    sort(by: relevance, into: order)
    var sum = 0.0
    for rank in 0..<min(most, count) {
      sum += gain(Int(order[rank])) / Self.discount(Double(rank + 1))
    }
    return sum
  }

  /// How far apart the rows of memory lie.
  public var capacity: Int { relevance - scores }
}
