import LossCore

/// The score about which a loss is symmetric, but for a linear part.
enum MajorizerCenter: CaseIterable {
  case target
  case zero
}

extension BoostingObjective {
  /// The curvatures `(L'(d) - L'(-d)) / (2 d)`, with `d` the distance from the centre.
  func majorizers<S: ComputeScalar>(
    _ scores: Tensor<S>, _ target: AnyTensor, threads: Int
  ) throws(LossError) -> [S] {
    let targets: [S] = target.converted().scalars
    let smallest: S = S.element == .float32 ? 1e-3 : 1e-6
    let count = scores.count
    var (distances, mirrored) = ([S](), [S]())
    for (score, target) in zip(scores.scalars, targets) {
      let origin = center == .target ? target : 0
      let least = smallest * S.maximumPropagatingNaN(1, origin.magnitude)
      let distance = S.maximumPropagatingNaN((score - origin).magnitude, least)
      distances.append(origin + distance)
      mirrored.append(origin - distance)
    }
    guard distances.count == count else { return Array(repeating: .nan, count: count) }
    let (above, below) = (
      try Tensor(shape: scores.shape, scalars: distances),
      try Tensor(shape: scores.shape, scalars: mirrored)
    )
    let right = try chained(above, target, weight: nil, second: false, threads: threads).first
    let left = try chained(below, target, weight: nil, second: false, threads: threads).first
    return (0..<count).map { i in (right[i] - left[i]) / (distances[i] - mirrored[i]) }
  }

  /// The centre of symmetry.
  ///
  /// - Throws: `LossError` of code `unknown_input` for a loss without one, or whose quotient grows.
  func majorizerCenter() throws(LossError) -> MajorizerCenter {
    if isElementwise, link != .softmax {
      for center in MajorizerCenter.allCases where try isMajorized(about: center) { return center }
    }
    throw LossError(
      .unknownInput, subject: roles.prediction.name, found: "has no symmetric majorizer",
      expected: "a term that is even and linear in the distance of the score from target or 0",
      hint: "Take exact, floored=X or constant=X; constant=0.5 is one of the softmax cross entropy."
    )
  }

  /// Whether the odd part is linear and the quotient falls, at targets and distances of a grid.
  private func isMajorized(about center: MajorizerCenter) throws(LossError) -> Bool {
    let distances = (-12...12).map { Double.exp(Double($0) * 0.34657359027997264) }
    for target in loss.signature.inputs[1].domain.samples {
      let origin = center == .target ? target : 0
      func slopes(_ sign: Double) throws(LossError) -> [Double] {
        try chained(
          Tensor(distances.map { origin + sign * $0 }),
          AnyTensor(Tensor(distances.map { _ in target })), weight: nil, second: false, threads: 1
        ).first
      }
      let (right, left) = (try slopes(1), try slopes(-1))
      let odd = right[0] + left[0]
      var last = Double.infinity
      for (i, distance) in distances.enumerated() {
        let quotient = (right[i] - left[i]) / (2 * distance)
        let tolerance = 1e-9 * (1 + right[i].magnitude + left[i].magnitude)
        guard (right[i] + left[i] - odd).magnitude <= tolerance,
          quotient >= 0, quotient <= last + tolerance / distance
        else { return false }
        last = quotient
      }
    }
    return true
  }
}

extension InputSpecification.Domain {
  /// Numbers of the domain.
  fileprivate var samples: [Double] {
    switch self {
    case .any: [0, 1.75, -0.625]
    case .nonNegative, .relevance: [0.5, 1, 3]
    case .probability, .distribution: [0, 0.25, 1]
    case .oneHot, .binary: [0, 1]
    case .sign: [-1, 1]
    case .logDistribution, .boxCorners: []
    }
  }
}
