import LossCore

extension BoostingObjective {
  /// The constant scores of the classes.
  func initialClassScores(
    _ target: AnyTensor, _ weight: Tensor<Double>?, _ classCount: Int?
  ) throws(LossError) -> [Double] {
    let input = loss.signature.inputs[1]
    // Only the differences within a list matter to a loss of ranked items.
    guard input.domain != .relevance else { return [0] }
    let shares = try classShares(target, weight, classCount)
    var scores = shares.map { Double.log($0) }
    try refine(&scores, target, weight)
    return scores
  }

  /// Whether targets are class indices.
  func holdsIndices(_ target: AnyTensor) -> Bool {
    target.element == .int64 && loss.signature.takesClasses
  }

  /// The weighted share of each class in the targets.
  private func classShares(
    _ target: AnyTensor, _ weight: Tensor<Double>?, _ classCount: Int?
  ) throws(LossError) -> [Double] {
    let isIndices = holdsIndices(target)
    let rowShape =
      isIndices || target.shape.rank == 0
      ? target.shape : target.shape.removing(axis: target.shape.rank - 1)
    let weights = try weight?.scalars(broadcastTo: rowShape)
    func rowWeight(_ row: Int) -> Double { weights.map { $0[row] } ?? 1 }
    var sums: [Int: Double] = [:]
    var count: Int
    if isIndices, case .int64(let indices) = target.widened {
      count = classCount ?? Self.classCount(indices.scalars)
      for (row, index) in indices.scalars.enumerated() {
        if !(0..<count).contains(index), accepts(index, classCount: count) { continue }
        guard (0..<count).contains(index) else {
          throw LossError(
            .invalidClass, subject: roles.target.name, found: "is \(index) at [\(row)]",
            expected: "a class in 0 ..< \(count)")
        }
        sums[index, default: 0] += rowWeight(row)
      }
    } else {
      count = target.shape.extents.last ?? 1
      for (place, share) in target.doubles.enumerated() {
        sums[place % count, default: 0] += share * rowWeight(place / count)
      }
    }
    let sum = sums.values.reduce(0, +)
    // The first missing class ends the loop before an array of a wrong number of classes is made.
    var shares: [Double] = []
    for index in 0..<max(count, 0) {
      guard let share = sums[index], share > 0 else {
        throw LossError(
          .invalidValue, subject: roles.target.name, found: "has no row of class \(index)",
          expected: "every class, for a finite initial score",
          hint: "Start from 0, or from a score of your choice for that class.")
      }
      shares.append(share / sum)
    }
    return shares
  }

  /// Newton steps of one class after the other, until the slopes are rounding errors. The logarithms of
  /// the shares are the minimiser of the cross entropy already.
  private func refine(
    _ scores: inout [Double], _ target: AnyTensor, _ weight: Tensor<Double>?
  ) throws(LossError) {
    let count = scores.count
    let rowCount = holdsIndices(target) ? target.shape.count : target.shape.count / count
    guard loss.base.rolesWithSecondDerivative.contains(roles.prediction) else { return }
    for _ in 0..<500 {
      var (slopes, curvatures, largest) = (scores, scores, 0.0)
      let rows = try Tensor(
        shape: [rowCount, count], scalars: (0..<rowCount).flatMap { _ in scores })
      let result = try chained(rows, target, weight: weight, second: true, threads: 1)
      for k in 0..<count {
        let column = stride(from: k, to: rows.count, by: count)
        let slope = ScoreSlope(
          0, column.map { result.first[$0] }, column.map { result.second[$0] })
        (slopes[k], curvatures[k]) = (slope.first, slope.second)
        let total = column.reduce(0) { $0 + result.first[$1].magnitude }
        largest = max(largest, slope.first.magnitude / max(total, .leastNormalMagnitude))
      }
      // Half a Newton step of the diagonal, which the softmax needs not to overshoot.
      if largest <= 1e-14 { return }
      for k in 0..<count where curvatures[k] > 0 { scores[k] -= slopes[k] / curvatures[k] / 2 }
    }
    throw LossError(
      .invalidValue, subject: roles.target.name, found: "has no constant scores that converge",
      expected: "a minimum of the mean loss", hint: "Start from 0.")
  }
}
