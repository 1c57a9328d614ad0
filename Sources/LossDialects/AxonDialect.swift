public import LossCore

extension Dialect {
  /// Axon: target first, classes along the last axis, one value a sample unless `reduction` says
  /// `mean` or `sum`.
  public static let axon = Dialect(
    "axon", title: "Axon",
    options: [
      SpelledOption("reduction", summary: "none, mean or sum") {
        (value, selection) throws(LossError) in
        switch value {
        case "none": selection.reduction?.kind = .none
        case "mean": selection.reduction?.kind = .mean
        case "sum": selection.reduction?.kind = .sum
        default: throw refusal("reduction", value, "one of \"none\", \"mean\", \"sum\"")
        }
      }
    ],
    defaults: { $0.reduction = Reduction.none })
}

/// What Axon does before its reduction.
public enum AxonTerms: Sendable {
  /// Nothing: a term an element, or a term a row.
  case asTheyAre
  /// The mean over the last axis.
  case meanOfLastAxis
  /// The sum over the first axis.
  case sumOfFirstAxis

  var first: Reduction.First? {
    switch self {
    case .asTheyAre: nil
    case .meanOfLastAxis: Reduction.First(averages: true, axes: [-1])
    case .sumOfFirstAxis: Reduction.First(averages: false, axes: [0])
    }
  }
}

extension Spelling {
  /// The number that Axon adds to probabilities and clips them with: 1e-7 as a 32-bit constant,
  /// also where it computes in 64 bits.
  public static let axonEpsilon = OptionValue.number(Double(1e-7 as Float))

  /// An Axon function of target and prediction.
  public static func axon(
    _ names: String..., terms: AxonTerms = .asTheyAre, options: [SpelledOption] = [],
    fixed: [String: OptionValue] = [:],
    arguments: [SpelledArgument] = [.axonTarget, .axonPrediction],
    finish: @escaping @Sendable (inout LossSelection) throws(LossError) -> Void = { _ in }
  ) -> Spelling {
    Spelling(
      .axon, names, arguments: arguments, options: options, fixed: fixed
    ) { (selection) throws(LossError) in
      selection.reduction?.first = terms.first
      try finish(&selection)
    }
  }
}

extension SpelledArgument {
  /// `y_true`, what is true.
  public static let axonTarget = SpelledArgument(.target, "y_true")
  /// `y_pred`, what the model says.
  public static let axonPrediction = SpelledArgument(.prediction, "y_pred")
}
