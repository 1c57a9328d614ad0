import LossCore

extension Law {
  /// The declared range.
  static let valueInRange = Law(
    "value-in-range", "Every term lies in the declared range of the loss.",
    distributions: InputDistribution.allCases, shapes: [.batch, .single, .oneClass]
  ) { (trial) throws(LossError) in
    guard let range = trial.subject.properties.range else { return .notApplicable }
    let bounds = [range.lowerBound, range.upperBound].filter(\.isFinite).map(\.magnitude)
    // Tolerates rounding at a bound.
    let slack = 64 * Double.ulpOfOne * max(1, bounds.max() ?? 0)
    for (index, term) in try trial.terms().enumerated() where !term.isNaN {
      if term >= range.lowerBound - slack, term <= range.upperBound + slack { continue }
      return .failed("term \(index) is \(term); declared is \(LossProperty.range(range))")
    }
    return .holds
  }
}
