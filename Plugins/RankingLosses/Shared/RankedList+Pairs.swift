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
  /// Adds the logistic loss of a pair, times a weight, and its derivatives; that of an item with itself
  /// is a constant.
  @inline(__always)
  func addLogistic(
    _ better: Int, _ worse: Int, weight: Double, sigma: Double, to sum: inout CompensatedSum
  ) {
    let logit = sigma * (scores[better] - scores[worse])
    sum.add(weight * Double.log1pExp(-logit))
    let derivative = weight * sigma * Double.sigmoid(-logit)
    if order == .first {
      derivatives[better] -= derivative
      derivatives[worse] += derivative
    } else if better != worse {
      let second = derivative * sigma * Double.sigmoid(logit)
      if order == .second {
        derivatives[better] += second
        derivatives[worse] += second
      } else {
        let product = second * (vector[better] - vector[worse])
        derivatives[better] += product
        derivatives[worse] -= product
      }
    }
  }

  /// Writes a gradient of NaN at every item; returns a loss of NaN.
  func nan<S: LossScalar>(_ row: Row<S>) -> S {
    for i in 0..<count { derivatives[i] = .nan }
    writeGradient(row)
    return .nan
  }
}
