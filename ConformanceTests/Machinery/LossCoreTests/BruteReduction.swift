import LossFunctions

/// A reference implementation of reductions as a matrix: the factor of each term in each element of
/// the result.
struct BruteReduction {
  /// The shape of the result.
  var shape: [Int] = []
  /// The factors of all terms, for each element of the result.
  var factors: [[Double]] = []
  /// The elements of the result that are means of no terms.
  var isEmptyMean: [Bool] = []

  init(_ reduction: Reduction, extents: [Int], weights: [Double], kept: [Bool]) {
    let terms = positions(extents)
    func normalized(_ axes: [Int], _ rank: Int) -> Set<Int> {
      Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    }

    // The preceding stage: its results, and the terms of each.
    let precedingAxes = normalized(reduction.preceding?.axes ?? [], extents.count)
    let intermediateExtents = extents.indices.filter { !precedingAxes.contains($0) }.map {
      extents[$0]
    }
    let stageIndices = positions(intermediateExtents)
    let members = stageIndices.map { stageIndex in
      terms.indices.filter { term in
        kept[term]
          && extents.indices.filter { !precedingAxes.contains($0) }.map { terms[term][$0] }
            == stageIndex
      }
    }

    // The reduction proper: its results, and the results of the preceding stage in each.
    let all = Array(intermediateExtents.indices)
    let axes =
      reduction.kind == .unreduced
      ? [] : normalized(reduction.axes ?? all, intermediateExtents.count)
    for (axis, extent) in intermediateExtents.enumerated() {
      if !axes.contains(axis) {
        shape.append(extent)
      } else if reduction.keepsDimensions {
        shape.append(1)
      }
    }
    func key(_ stageIndex: [Int]) -> [Int] {
      stageIndex.indices.compactMap {
        axes.contains($0) ? (reduction.keepsDimensions ? 0 : nil) : stageIndex[$0]
      }
    }
    for result in positions(shape) {
      let resultMembers = stageIndices.indices.filter {
        key(stageIndices[$0]) == result && !members[$0].isEmpty
      }
      let divisor: Double
      switch reduction.kind {
      case .unreduced, .sum: divisor = 1
      case .mean: divisor = Double(resultMembers.count)
      case .batchMean:
        divisor = Double(
          intermediateExtents.isEmpty
            ? resultMembers.count : Set(resultMembers.map { stageIndices[$0][0] }).count)
      case .weightedMean:
        divisor = resultMembers.map { stageIndex in
          let sum = members[stageIndex].map { weights[$0] }.reduce(0, +)
          return reduction.preceding == nil ? sum : sum / Double(members[stageIndex].count)
        }.reduce(0, +)
      }
      let isMean = reduction.kind != .unreduced && reduction.kind != .sum
      isEmptyMean.append(isMean && divisor == 0)
      var row = Array(repeating: 0.0, count: terms.count)
      for stageIndex in resultMembers where divisor != 0 {
        let count = reduction.preceding?.averages == true ? Double(members[stageIndex].count) : 1
        for term in members[stageIndex] { row[term] = weights[term] / count / divisor }
      }
      factors.append(row)
    }
  }

  /// The reduced terms; a term with the factor 0 is ignored, even if it is NaN.
  func value(_ terms: [Double]) -> [Double] {
    factors.map { row in zip(row, terms).map { $0 == 0 ? 0 : $0 * $1 }.reduce(0, +) }
  }

  /// The factor of the gradient of each term, for an upstream gradient.
  func coefficients(_ upstream: [Double]) -> [Double] {
    (0..<(factors.first?.count ?? 0)).map { term in
      zip(factors, upstream).map { $0[term] * $1 }.reduce(0, +)
    }
  }
}
