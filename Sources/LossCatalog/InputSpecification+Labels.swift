public import LossCore

extension InputSpecification {
  /// What there is to say of the input beside its form: `differentiable`, `optional`.
  public var notes: [String] {
    (isDifferentiable ? ["differentiable"] : []) + (isOptional ? ["optional"] : [])
  }

  /// What the input holds in one of its forms.
  public func phrase(_ encoding: Encoding) -> String {
    switch encoding.kind {
    case .classIndex, .label:
      return listEnd.map { "class indices (i64), ended by \($0)" } ?? "class indices (i64)"
    case .length(let axis): return "lengths along \(axis) (i64)"
    case .group: return "whole numbers (i64), the same where elements belong together"
    case .real: break
    }
    return switch domain {
    case .any: "numbers"
    case .nonNegative: "numbers of at least zero"
    case .probability: "numbers from 0 to 1"
    case .distribution: "distributions"
    case .logDistribution: "logarithms of distributions"
    case .oneHot, .sign, .binary, .boxCorners: domain.rawValue
    }
  }
}

extension ConfiguredLoss {
  /// Where the loss, as its name selected it, departs from our defaults; the reduction always.
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
