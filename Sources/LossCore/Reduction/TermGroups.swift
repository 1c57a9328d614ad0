/// Which terms go into which number of the result, for reductions over some axes or in two stages.
@usableFromInline struct TermGroups: Sendable {
  /// The shape of the result.
  let shape: Shape
  /// The results that have nothing to take a mean of.
  @usableFromInline let isDead: [Bool]

  /// The weight of each term.
  private let weights: [Double]
  /// For each term, the number of the first stage that it goes into; nil if there is no such stage.
  private let inner: [Int]?
  /// For each number of the first stage, the result that it goes into.
  private let outer: [Int]
  private let innerDivisors: [Double]
  private let outerDivisors: [Double]

  init<S: LossScalar>(
    _ reduction: Reduction, _ terms: TermWeights<S>, shape: Shape
  ) throws(LossError) {
    let middle: Shape
    if let first = reduction.first {
      let axes = try TermGroups.positions(first.axes, in: shape)
      (inner, middle) = TermGroups.groups(of: shape, over: axes, keepsDimensions: false)
    } else {
      (inner, middle) = (nil, shape)
    }
    let axes = reduction.kind == .unreduced ? [] : reduction.axes ?? Array(0..<middle.rank)
    let positions = try TermGroups.positions(axes, in: middle)
    (outer, self.shape) = TermGroups.groups(
      of: middle, over: positions, keepsDimensions: reduction.keepsDimensions)
    // Only an empty axis can make a result larger than the terms, and then without any limit.
    guard self.shape.count <= max(shape.count, 1 << 24) else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "leaves a result of shape \(self.shape)",
        expected: "one of at most \(1 << 24) numbers, from terms of shape \(shape)")
    }
    if reduction.kind == .batchMean, !positions.contains(0), middle.rank > 0 {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is batch_mean over the axes \(axes)",
        expected: "axes with the first among them, along which the samples lie")
    }

    var counts = Array(repeating: 0, count: middle.count)
    var masses = Array(repeating: 0.0, count: middle.count)
    for term in 0..<shape.count where !terms.isExcluded(term) {
      let place = inner?[term] ?? term
      counts[place] += 1
      masses[place] += terms.normalizer(term)
    }
    let averages = reduction.first?.averages ?? false
    innerDivisors = counts.map { averages ? Double(max(1, $0)) : 1 }

    var divisors = Array(repeating: 0.0, count: self.shape.count)
    var lastSample = Array(repeating: -1, count: self.shape.count)
    let sampleSize = max(1, middle.count / max(1, middle.extents.first ?? 1))
    for place in 0..<middle.count where counts[place] > 0 {
      let group = outer[place]
      switch reduction.kind {
      case .unreduced, .sum: divisors[group] = 1
      case .mean: divisors[group] += 1
      case .weightedMean:
        divisors[group] += masses[place] / Double(inner == nil ? 1 : counts[place])
      case .batchMean:
        if place / sampleSize != lastSample[group] { divisors[group] += 1 }
        lastSample[group] = place / sampleSize
      }
    }
    let needsTerms = reduction.kind != .unreduced && reduction.kind != .sum
    isDead = divisors.map { $0 == 0 && needsTerms }
    outerDivisors = divisors.map { $0 == 0 ? 1 : $0 }
    weights = (0..<shape.count).map { term in
      terms.isExcluded(term) ? 0 : Double(terms.weight(term))
    }
  }

  /// The result that a term goes into.
  func group(of term: Int) -> Int { outer[inner?[term] ?? term] }

  /// What a term is divided by on its way into the result.
  func divisor(of term: Int) -> Double {
    let place = inner?[term] ?? term
    return innerDivisors[place] * outerDivisors[outer[place]]
  }

  /// The result from the terms; a term of weight zero does not enter, whatever it is.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline func reduce<S: LossScalar>(_ terms: [S], empty: S) -> [S] {
    var middle = Array(repeating: CompensatedSum(), count: outer.count)
    for term in terms.indices where weights[term] != 0 {
      middle[inner?[term] ?? term].add(weights[term] * Double(terms[term]))
    }
    var sums = Array(repeating: CompensatedSum(), count: shape.count)
    for place in middle.indices {
      sums[outer[place]].add(middle[place].value / innerDivisors[place])
    }
    return sums.indices.map { isDead[$0] ? empty : S(sums[$0].value / outerDivisors[$0]) }
  }

  /// The positions of axes, counted from the front and in order.
  private static func positions(_ axes: [Int], in shape: Shape) throws(LossError) -> [Int] {
    var positions: [Int] = []
    for axis in axes {
      guard let position = shape.position(ofAxis: axis), !positions.contains(position) else {
        throw LossError(
          .invalidOption, subject: "reduction", found: "names the axes \(axes)",
          expected: "axes of the terms, which have shape \(shape), each at most once")
      }
      positions.append(position)
    }
    return positions.sorted()
  }

  /// For each element of a shape its place in what is left when some axes are reduced.
  private static func groups(
    of shape: Shape, over axes: [Int], keepsDimensions: Bool
  ) -> (places: [Int], shape: Shape) {
    let steps = shape.steps { !axes.contains($0) }
    let extents = shape.extents.enumerated().compactMap { axis, extent in
      axes.contains(axis) ? (keepsDimensions ? 1 : nil) : extent
    }
    return (shape.offsets(steps: steps), Shape(trusted: extents))
  }
}
