import LossCore

extension PropertyTrial {
  /// The smallest inputs found for which a law still fails: fewer elements first, then rounder numbers.
  func shrunk(failing law: Law) -> PropertyTrial {
    var best = self
    var tries = 300
    func hasFailed(_ candidate: PropertyTrial) -> Bool {
      tries -= 1
      if case .failed = candidate.verdict(of: law, mustEvaluate: false) { return true }
      return false
    }
    var isSmaller = true
    while isSmaller, tries > 0 {
      isSmaller = false
      for candidate in best.smaller() {
        guard tries > 0 else { break }
        if hasFailed(candidate) {
          best = candidate
          isSmaller = true
          break
        }
      }
    }
    for input in best.subject.signature.inputs {
      for index in best.numbers(input.role).indices {
        for number in input.domain.rounder(than: best.numbers(input.role)[index]) {
          guard tries > 0 else { return best }
          var numbers = best.numbers(input.role)
          numbers[index] = number
          let candidate = best.with(best.replacing(input.role, with: numbers))
          if hasFailed(candidate) {
            best = candidate
            break
          }
        }
      }
    }
    return best
  }

  /// Candidates with a smaller extent along one axis, the largest reductions first.
  private func smaller() -> [PropertyTrial] {
    var axes: [LawAxis] = []
    for input in subject.signature.inputs {
      for axis in self.axes(of: input.role) where !axes.contains(axis) { axes.append(axis) }
    }
    return axes.flatMap { axis -> [PropertyTrial] in
      guard let extent = extent(axis), extent > 1, canDrop(from: axis) else { return [] }
      let halves = extent > 4 ? [Array(0..<extent / 2), Array((extent / 2)..<extent)] : []
      let drops = (0..<min(extent, 8)).map { removed in (0..<extent).filter { $0 != removed } }
      return (halves + drops).map { with(selecting($0, along: axis)) }
    }
  }

  /// Whether an axis can be shortened without leaving the domain: distributions must sum to 1.
  private func canDrop(from axis: LawAxis) -> Bool {
    if case .exactly = axis { return false }
    guard axis == subject.signature.classAxis.map(LawAxis.named) else { return true }
    return subject.signature.inputs.allSatisfy { input in
      inputs[input.role]?.element != .float64 || !input.domain.couplesNumbers
    }
  }
}

extension InputSpecification.Domain {
  /// Whether the numbers of a row depend on each other.
  fileprivate var couplesNumbers: Bool {
    switch self {
    case .distribution, .logDistribution, .oneHot, .boxCorners: true
    case .any, .nonNegative, .relevance, .probability, .sign, .binary: false
    }
  }

  /// Simpler numbers of this domain as candidates to replace a number, the simplest first.
  fileprivate func rounder(than number: Double) -> [Double] {
    let candidates: [Double] =
      switch self {
      case .any: [0, 1, -1, number.rounded(), (number * 10).rounded() / 10]
      case .nonNegative, .relevance: [0, 1, number.rounded(), (number * 10).rounded() / 10]
      case .probability: [0, 1, 0.5, (number * 10).rounded() / 10]
      case .sign: [1]
      case .binary: [0]
      case .distribution, .logDistribution, .oneHot, .boxCorners: []
      }
    return Array(candidates.prefix { $0 != number })
  }
}
