import LossCore

/// The items of one list without padding, gathered into the workspace of its row.
///
/// An item with a relevance below 0 is padding: its score is ignored and its gradient is 0, so the
/// loss does not depend on the amount of padding.
public struct RankedList {
  /// The number of items.
  public let count: Int
  /// The scores of the items.
  public let scores: UnsafeMutablePointer<Double>
  /// The relevances of the items.
  public let relevance: UnsafeMutablePointer<Double>
  /// The vector that the Hessian is multiplied by, if its product is requested.
  public let vector: UnsafeMutablePointer<Double>
  /// The derivatives of the requested order with respect to the scores; initially 0.
  public let derivatives: UnsafeMutablePointer<Double>
  /// The order of the derivatives.
  let order: DerivativeOrder
  /// The base-2 logarithm of the divisor of all gains: 0 unless they would overflow. Losses use
  /// only ratios of gains.
  let shift: Double
  /// A workspace of three rows for the loss.
  public let scratch: UnsafeMutablePointer<Double>

  /// The size of the workspace for a list of this length.
  public static func workspaceCount(length: Int) -> Int { 7 * length }

  /// The list of a row whose first two inputs are scores and relevances.
  init<S: LossScalar>(_ row: Row<S>, _ order: DerivativeOrder = .first) {
    self.order = order
    scores = row.workspace
    relevance = scores + row.count
    derivatives = relevance + row.count
    scratch = derivatives + row.count
    vector = scratch + 3 * row.count
    let given = row.vector(0)
    guard let predictions = row[0], let targets = row[1] else {
      count = 0
      shift = 0
      return
    }
    var used = 0
    var largest = 0.0
    for i in 0..<row.count where !(targets[i] < 0) {
      scores[used] = Double(predictions[i])
      relevance[used] = Double(targets[i])
      derivatives[used] = 0
      if order == .hessianVectorProduct { vector[used] = given.map { Double($0[i]) } ?? 0 }
      largest = max(largest, relevance[used])
      used += 1
    }
    count = used
    shift = max(0, largest - 1000)
  }

  /// Writes the derivatives to the gradient of the row, times its gradient scale.
  func writeGradient<S: LossScalar>(_ row: Row<S>) {
    guard let gradient = row.gradient(0), let targets = row[1] else { return }
    let gradientScale = Double(row.gradientScale)
    var next = 0
    for i in 0..<row.count {
      let isPadding = targets[i] < 0
      gradient[i] = isPadding || gradientScale == 0 ? 0 : S(gradientScale * derivatives[next])
      next += isPadding ? 0 : 1
    }
  }

  /// 1, or a negative weight, which removes the term, for a list of padding.
  static func termWeight<S: LossScalar>(_ row: Row<S>) -> S {
    guard let targets = row[1] else { return -1 }
    for i in 0..<row.count where !(targets[i] < 0) { return 1 }
    return -1
  }

  /// Calls a function for each pair of items whose first is more relevant.
  @inline(__always)
  public func forEachPair(_ body: (Int, Int) -> Void) {
    for i in 0..<count {
      for j in 0..<count where relevance[i] > relevance[j] { body(i, j) }
    }
  }

  /// Whether a score or a relevance is NaN.
  var hasNaN: Bool {
    for i in 0..<count where scores[i].isNaN || relevance[i].isNaN { return true }
    return false
  }

  /// Writes the item indices in descending order of a key; a stable sort.
  public func sort(by key: UnsafeMutablePointer<Double>, into order: UnsafeMutablePointer<Double>) {
    for i in 0..<count { order[i] = Double(i) }
    var indices = UnsafeMutableBufferPointer(start: order, count: count)
    indices.sort { a, b in
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

  /// The discount `log2(1 + rank)` of a rank counted from 1, which divides the gain.
  @inline(__always)
  public static func discount(_ rank: Double) -> Double {
    Double.log(onePlus: rank) * 1.4426950408889634
  }

  /// The ideal DCG: the discounted gains by descending relevance, over the first `most` ranks.
  ///
  /// Writes the order by relevance to the second row of `scratch`.
  public func idealGain(most: Int) -> Double {
    let order = scratch + capacity
    sort(by: relevance, into: order)
    var sum = 0.0
    for rank in 0..<min(most, count) {
      sum += gain(Int(order[rank])) / Self.discount(Double(rank + 1))
    }
    return sum
  }

  /// The length of a workspace row.
  public var capacity: Int { relevance - scores }
}
