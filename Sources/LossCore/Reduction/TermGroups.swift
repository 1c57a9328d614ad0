/// The assignment of terms to elements of the result, for reductions over some axes or in two
/// stages.
@usableFromInline struct TermGroups: Sendable {
  /// The shape of the result.
  let shape: Shape
  /// The elements of the result that are means of no terms.
  @usableFromInline private(set) var isEmptyMean: [Bool]

  /// The weight of each term.
  private let weights: [Double]
  /// The result of the preceding stage that each term belongs to; nil without such a stage.
  private let precedingGroups: [Int]?
  /// The element of the result that each result of the preceding stage belongs to.
  private let resultGroups: [Int]
  private let precedingDivisors: [Double]
  private var resultDivisors: [Double]
  /// What each result of the preceding stage adds to the divisor.
  private let addends: [Double]
  /// Whether the preceding stage leaves the first axis, that of the samples.
  let keepsSamples: Bool

  init<S: LossScalar>(
    _ reduction: Reduction, _ terms: TermWeights<S>, shape: Shape
  ) throws(LossError) {
    let intermediate: Shape
    if let preceding = reduction.preceding {
      let axes = try TermGroups.positions(preceding.axes, in: shape)
      keepsSamples = !axes.contains(0)
      (precedingGroups, intermediate) = try TermGroups.groups(
        of: shape, over: axes, keepsDimensions: false)
    } else {
      (precedingGroups, intermediate) = (nil, shape)
      keepsSamples = true
    }
    let axes = reduction.kind == .unreduced ? [] : reduction.axes ?? Array(0..<intermediate.rank)
    let positions = try TermGroups.positions(axes, in: intermediate)
    (resultGroups, self.shape) = try TermGroups.groups(
      of: intermediate, over: positions, keepsDimensions: reduction.keepsDimensions)
    if reduction.kind == .batchMean, !positions.contains(0), intermediate.rank > 0 {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is batch_mean over the axes \(axes)",
        expected: "axes that include axis 0, the batch axis")
    }

    var counts = Array(repeating: 0, count: intermediate.count)
    var normalizers = Array(repeating: 0.0, count: intermediate.count)
    for term in 0..<shape.count where !terms.isExcluded(term) {
      let index = precedingGroups?[term] ?? term
      counts[index] += 1
      normalizers[index] += terms.normalizer(term)
    }
    let averages = reduction.preceding?.averages ?? false
    precedingDivisors = counts.map { averages ? Double(max(1, $0)) : 1 }

    var divisors = Array(repeating: 0.0, count: self.shape.count)
    var addends = Array(repeating: 0.0, count: intermediate.count)
    var lastSample = Array(repeating: -1, count: self.shape.count)
    let sampleSize = max(1, intermediate.count / max(1, intermediate.extents.first ?? 1))
    for index in 0..<intermediate.count where counts[index] > 0 {
      let group = resultGroups[index]
      switch reduction.kind {
      case .unreduced, .sum: divisors[group] = 1
      case .mean: addends[index] = 1
      case .weightedMean:
        addends[index] = normalizers[index] / Double(precedingGroups == nil ? 1 : counts[index])
      case .batchMean:
        if index / sampleSize != lastSample[group] { addends[index] = 1 }
        lastSample[group] = index / sampleSize
      }
      divisors[group] += addends[index]
    }
    self.addends = addends
    let needsTerms = reduction.kind != .unreduced && reduction.kind != .sum
    isEmptyMean = divisors.map { $0 == 0 && needsTerms }
    resultDivisors = divisors.map { $0 == 0 ? 1 : $0 }
    weights = (0..<shape.count).map { term in
      terms.isExcluded(term) ? 0 : Double(terms.weight(term))
    }
  }

  /// The element of the result that a term belongs to.
  func group(of term: Int) -> Int { resultGroups[precedingGroups?[term] ?? term] }

  /// The divisor of a term, over both stages.
  func divisor(of term: Int) -> Double {
    let index = precedingGroups?[term] ?? term
    return precedingDivisors[index] * resultDivisors[resultGroups[index]]
  }

  /// The divisor of a reduction to one number.
  var exactDivisor: ExactAccumulator {
    var divisor = ExactAccumulator()
    for addend in addends { divisor.add(addend) }
    return divisor
  }

  /// Divides by another number, that of all shards.
  mutating func setDivisor(_ divisor: Double) {
    isEmptyMean = isEmptyMean.map { _ in divisor == 0 }
    resultDivisors = resultDivisors.map { _ in divisor == 0 ? 1 : divisor }
  }

  /// The results of the preceding stage; a term of weight zero is ignored, even if it is NaN.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func intermediates<S: LossScalar>(_ terms: [S]) -> [Double] {
    var intermediate = Array(repeating: CompensatedSum(), count: resultGroups.count)
    for term in terms.indices where weights[term] != 0 {
      intermediate[precedingGroups?[term] ?? term].add(weights[term] * Double(terms[term]))
    }
    return intermediate.indices.map { intermediate[$0].value / precedingDivisors[$0] }
  }

  /// Reduces the terms.
  @specialized(where S == Float)
  @specialized(where S == Double)
  @usableFromInline func reduce<S: LossScalar>(_ terms: [S], empty: S) -> [S] {
    let intermediates = intermediates(terms)
    var sums = Array(repeating: CompensatedSum(), count: shape.count)
    for index in intermediates.indices {
      sums[resultGroups[index]].add(intermediates[index])
    }
    return sums.indices.map { isEmptyMean[$0] ? empty : S(sums[$0].value / resultDivisors[$0]) }
  }

  /// The sorted, non-negative indices of axes.
  private static func positions(_ axes: [Int], in shape: Shape) throws(LossError) -> [Int] {
    var positions: [Int] = []
    for axis in axes {
      guard let position = shape.position(ofAxis: axis), !positions.contains(position) else {
        throw LossError(
          .invalidOption, subject: "reduction", found: "names the axes \(axes)",
          expected: "distinct axes of the terms, which have shape \(shape)")
      }
      positions.append(position)
    }
    return positions.sorted()
  }

  /// The index of each element of a shape in the result of a reduction over some axes.
  private static func groups(
    of shape: Shape, over axes: [Int], keepsDimensions: Bool
  ) throws(LossError) -> (indices: [Int], shape: Shape) {
    let strides = shape.strides { !axes.contains($0) }
    let extents = shape.extents.enumerated().compactMap { axis, extent in
      axes.contains(axis) ? (keepsDimensions ? 1 : nil) : extent
    }
    let result = Shape(trusted: extents)
    // Only an empty axis makes a result larger than the terms, and then its size is unbounded.
    guard result.count <= max(shape.count, 1 << 24) else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "gives a result of shape \(result)",
        expected: "a result of at most \(1 << 24) elements, from terms of shape \(shape)")
    }
    return (shape.offsets(strides: strides), result)
  }
}
