import LossFunctions

/// A reduction as linear algebra, written down again from its description: for each number of the
/// result what each term is multiplied by.
struct BruteReduction {
  /// The shape of the result.
  var shape: [Int] = []
  /// For each number of the result the factor of each term.
  var factors: [[Double]] = []
  /// The numbers of the result that have nothing to take a mean of.
  var isDead: [Bool] = []

  init(_ reduction: Reduction, extents: [Int], weights: [Double], kept: [Bool]) {
    let terms = positions(extents)
    func normal(_ axes: [Int], _ rank: Int) -> Set<Int> {
      Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    }

    // The first stage: places, each with its terms.
    let firstAxes = normal(reduction.first?.axes ?? [], extents.count)
    let middleExtents = extents.indices.filter { !firstAxes.contains($0) }.map { extents[$0] }
    let places = positions(middleExtents)
    let members = places.map { place in
      terms.indices.filter { term in
        kept[term]
          && extents.indices.filter { !firstAxes.contains($0) }.map { terms[term][$0] } == place
      }
    }

    // The second: results, each with its places.
    let all = Array(middleExtents.indices)
    let axes =
      reduction.kind == .unreduced ? [] : normal(reduction.axes ?? all, middleExtents.count)
    for (axis, extent) in middleExtents.enumerated() {
      if !axes.contains(axis) {
        shape.append(extent)
      } else if reduction.keepsDimensions {
        shape.append(1)
      }
    }
    func key(_ place: [Int]) -> [Int] {
      place.indices.compactMap {
        axes.contains($0) ? (reduction.keepsDimensions ? 0 : nil) : place[$0]
      }
    }
    for result in positions(shape) {
      let own = places.indices.filter { key(places[$0]) == result && !members[$0].isEmpty }
      let divisor: Double
      switch reduction.kind {
      case .unreduced, .sum: divisor = 1
      case .mean: divisor = Double(own.count)
      case .batchMean:
        divisor = Double(middleExtents.isEmpty ? own.count : Set(own.map { places[$0][0] }).count)
      case .weightedMean:
        divisor = own.map { place in
          let sum = members[place].map { weights[$0] }.reduce(0, +)
          return reduction.first == nil ? sum : sum / Double(members[place].count)
        }.reduce(0, +)
      }
      let isMean = reduction.kind != .unreduced && reduction.kind != .sum
      isDead.append(isMean && divisor == 0)
      var row = Array(repeating: 0.0, count: terms.count)
      for place in own where divisor != 0 {
        let count = reduction.first?.averages == true ? Double(members[place].count) : 1
        for term in members[place] { row[term] = weights[term] / count / divisor }
      }
      factors.append(row)
    }
  }

  /// The result from the terms; a factor of 0 takes its term out, whatever it is.
  func value(_ terms: [Double]) -> [Double] {
    factors.map { row in zip(row, terms).map { $0 == 0 ? 0 : $0 * $1 }.reduce(0, +) }
  }

  /// What each term's gradient is multiplied by, for an upstream of the result.
  func coefficients(_ upstream: [Double]) -> [Double] {
    (0..<(factors.first?.count ?? 0)).map { term in
      zip(factors, upstream).map { $0[term] * $1 }.reduce(0, +)
    }
  }
}
