public import LossCore

extension BoostingObjective {
  /// The constant scores that minimise the mean loss: one; one for each class; or, for targets
  /// `[row, output]` of a loss of elements, one for each output. Boosting starts from them.
  ///
  /// The middle of the minimisers where there are several, such as the median of an even number of
  /// targets; class scores are the logarithms of probabilities. For a loss that is not convex in the
  /// score it is a local minimiser, below the best of seventeen starts.
  ///
  /// - Parameters:
  ///   - target: the targets.
  ///   - weight: the weight of each term.
  ///   - classCount: the number of classes; nil for one more than the largest index.
  /// - Throws: `LossError` of code `invalid_value` where no finite score is a minimiser, such as for
  ///   labels of one class, and as `derivatives` does.
  public func initialScore<T: TensorScalar>(
    _ target: Tensor<T>, weight: Tensor<Double>? = nil, classCount: Int? = nil
  ) throws(LossError) -> [Double] {
    let target = AnyTensor(target)
    do throws(LossError) {
      guard target.shape.count > 0 else {
        throw LossError(
          .emptyInput, subject: roles.target.name, found: "is empty", expected: "targets")
      }
      if loss.signature.classAxis != nil || link == .softmax {
        return try initialClassScores(target, weight, classCount)
      }
      return try columns(target, weight).map { (column) throws(LossError) in
        try constantScore(column.target, column.weight)
      }
    } catch {
      throw error.named(loss.name)
    }
  }

  /// The constant scores that minimise the mean loss of an array of targets.
  public func initialScore<T: TensorScalar>(
    _ target: [T], weight: [Double]? = nil, classCount: Int? = nil
  ) throws(LossError) -> [Double] {
    try initialScore(
      Tensor(target), weight: weight.map { Tensor($0) }, classCount: classCount)
  }

  /// The targets and weights of each output.
  private func columns(
    _ target: AnyTensor, _ weight: Tensor<Double>?
  ) throws(LossError) -> [(target: [Double], weight: [Double])] {
    let targets = target.doubles
    let weights =
      try weight?.scalars(broadcastTo: target.shape) ?? Array(repeating: 1, count: targets.count)
    let width = target.shape.rank > 1 ? target.shape.extents.last ?? 1 : 1
    return (0..<width).map { column in
      let places = stride(from: column, to: targets.count, by: width)
      return (places.map { targets[$0] }, places.map { weights[$0] })
    }
  }

  private func constantScore(
    _ target: [Double], _ weight: [Double]
  ) throws(LossError) -> Double {
    let (targets, weights) = (AnyTensor(Tensor(target)), Tensor(weight))
    let hasCurvature = loss.base.rolesWithSecondDerivative.contains(roles.prediction)
    let total = weight.reduce(0, +)
    guard total > 0 else {
      throw LossError(
        .emptyInput, subject: Role.weight.name, found: "sums to \(total)",
        expected: "a sum above 0")
    }
    func slope(at score: Double) throws(LossError) -> ScoreSlope {
      let scores = Tensor([Double](repeating: score, count: target.count))
      let result = try chained(
        scores, targets, weight: weights, second: hasCurvature, threads: 1)
      return ScoreSlope(result.value, result.first, result.second)
    }
    let mean = zip(target, weight).reduce(0) { $0 + $1.0 * $1.1 } / total
    let guess = link.score(of: mean)
    var start = guess.isFinite ? guess : 0
    if !loss.base.properties.contains(.convex) || !(isLinkInLoss || link == .identity) {
      start = try bestStart(start, target) { (score) throws(LossError) in
        try slope(at: score).value
      }
    }
    var search = ScoreSearch(limit: link.largestScore, slope: slope)
    guard let score = try search.minimizer(from: start) else {
      throw LossError(
        .invalidValue, subject: roles.target.name, found: "has no finite constant score",
        expected: "targets whose mean loss has a minimum",
        hint: "Labels of one class alone, and counts of 0 alone, have none: start from a number.")
    }
    return score
  }

  /// The best of a start and of the scores of some targets.
  private func bestStart(
    _ start: Double, _ target: [Double], _ value: (Double) throws(LossError) -> Double
  ) throws(LossError) -> Double {
    let sorted = target.sorted()
    let targets = (0..<16).map { sorted[$0 * (sorted.count - 1) / 15] }
    var (best, least) = (start, try value(start))
    for score in targets.map({ link.score(of: $0) }) where score.isFinite {
      let candidate = try value(score)
      if candidate < least || least.isNaN { (best, least) = (score, candidate) }
    }
    return best
  }
}

/// The derivatives of the total loss with respect to a constant score.
struct ScoreSlope {
  let value: Double
  /// The first derivative; exactly 0 within its rounding error.
  let first: Double
  let second: Double

  init(_ value: Double, _ first: [Double], _ second: [Double]) {
    var (sum, magnitudes) = (CompensatedSum(), 0.0)
    for number in first {
      sum.add(number)
      magnitudes += number.magnitude
    }
    self.value = value
    self.first = sum.value.magnitude <= 2 * Double.ulpOfOne * magnitudes ? 0 : sum.value
    self.second = second.reduce(0, +)
  }
}

/// The search for the score at which a slope changes its sign.
struct ScoreSearch {
  let limit: Double
  let slope: (Double) throws(LossError) -> ScoreSlope

  /// The middle of the scores of slope 0 next to a start; nil if they have no end, or there are none.
  mutating func minimizer(from start: Double) throws(LossError) -> Double? {
    let initial = try slope(start)
    guard !initial.first.isNaN else { return nil }
    if initial.first == 0 { return try middle(around: start, initial) }
    // The minimiser is on the side to which the slope falls.
    let direction: Double = initial.first > 0 ? -1 : 1
    guard
      let far = try bound(from: start, direction, while: { $0.first * direction < 0 })
    else { return nil }
    var (low, high) = direction > 0 ? (start, far) : (far, start)
    var score = far
    for step in 0..<300 {
      let slope = try slope(score)
      guard !slope.first.isNaN else { return nil }
      if slope.first == 0 { return try middle(around: score, slope) }
      if slope.first < 0 { low = score } else { high = score }
      let halved = low + (high - low) / 2
      guard low < halved, halved < high else { return halved }
      let newton = score - slope.first / slope.second
      if (newton - score).magnitude <= score.ulp { return score }
      // Every third step halves, for the Newton steps alone need not close the bracket.
      score = step % 3 < 2 && newton > low && newton < high ? newton : halved
    }
    return score
  }

  /// A score, or the middle of the interval around it in which the slope is 0.
  private func middle(around score: Double, _ slope: ScoreSlope) throws(LossError) -> Double? {
    guard !(slope.second > 0) else { return score }
    guard let low = try edge(from: score, -1), let high = try edge(from: score, 1) else {
      return nil
    }
    return low + (high - low) / 2
  }

  /// The last score of slope 0 in a direction; nil if the slope stays 0.
  private func edge(from score: Double, _ direction: Double) throws(LossError) -> Double? {
    guard var outer = try bound(from: score, direction, while: { $0.first == 0 }) else {
      return nil
    }
    var inner = score
    while true {
      let halved = inner + (outer - inner) / 2
      guard halved != inner, halved != outer else { return inner }
      if try slope(halved).first == 0 { inner = halved } else { outer = halved }
    }
  }

  /// The first score, in growing steps, at which a condition no longer holds.
  private func bound(
    from score: Double, _ direction: Double, while condition: (ScoreSlope) -> Bool
  ) throws(LossError) -> Double? {
    var step = max(score.magnitude, 1) / 8
    while true {
      let next = score + direction * step
      guard next.magnitude <= limit else { return nil }
      let slope = try slope(next)
      guard !slope.first.isNaN else { return nil }
      if !condition(slope) { return next }
      step *= 2
    }
  }
}
