import LossCore

extension LossScalar {
  /// The number of pairs of different relevance in a list; negative for a list of padding.
  static func pairCount(_ row: Row<Self>) -> Self {
    guard RankedList.termWeight(row) > 0 else { return -1 }
    let list = RankedList(row)
    var pairs = 0
    list.forEachPair { _, _ in pairs += 1 }
    return Self(pairs)
  }
}

extension RankedList {
  /// Writes a gradient of NaN at every item; returns a loss of NaN.
  func nan<S: LossScalar>(_ row: Row<S>) -> S {
    for i in 0..<count { derivatives[i] = .nan }
    writeGradient(row)
    return .nan
  }
}
