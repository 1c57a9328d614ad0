public import LossCore

extension InputSpecification {
  /// Notes on the input: `differentiable`, `optional`.
  public var notes: [String] {
    (isDifferentiable ? ["differentiable"] : []) + (isOptional ? ["optional"] : [])
  }

  /// The content of the input in one of its encodings.
  public func phrase(_ encoding: Encoding) -> String {
    switch encoding.kind {
    case .classIndex, .label:
      return listEnd.map { "class indices (i64), terminated by \($0)" } ?? "class indices (i64)"
    case .length(let axis): return "lengths along \(axis) (i64)"
    case .group: return "group labels (i64), equal for elements of the same group"
    case .real: break
    }
    return switch domain {
    case .any: "numbers"
    case .nonNegative: "nonnegative numbers"
    case .relevance: "relevances; a negative one is padding"
    case .probability: "numbers from 0 to 1"
    case .distribution: "distributions"
    case .logDistribution: "logarithms of distributions"
    case .oneHot, .sign, .binary, .boxCorners: domain.rawValue
    }
  }
}

extension ConfiguredLoss {
  /// The options that differ from the defaults, the reduction, and a class axis or scale.
  public func differences(from entry: LossEntry) -> [(key: String, value: OptionValue)] {
    let values = base.options.values
    var differences: [(key: String, value: OptionValue)] = entry.options.compactMap { option in
      guard let value = values[option.name], value != option.defaultValue else { return nil }
      return (option.name, value)
    }
    let reduction = reduction ?? entry.defaultReduction
    differences.append(("reduction", reduction.optionValue))
    if let classAxis { differences.append(("class_axis", classAxis.optionValue)) }
    if scale != 1 { differences.append(("scale", .number(scale))) }
    return differences
  }
}
