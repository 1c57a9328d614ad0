public import LossCore

extension Dialect {
  /// Axon: target first, classes along the last axis, one value a sample unless `reduction` says
  /// `mean` or `sum`.
  public static let axon = Dialect(
    "axon", title: "Axon", aliases: ["Axon.Losses"],
    options: [
      .reduction(["none": .unreduced, "mean": .mean, "sum": .sum])
    ],
    defaults: { $0.reduction = Reduction.unreduced })
}

extension DialectEntry {
  /// The number that Axon adds to probabilities and clips them with: 1e-7 as a 32-bit constant,
  /// also where it computes in 64 bits.
  public static let axonEpsilon = OptionValue.number(Double(1e-7 as Float))

  /// An Axon function of target and prediction.
  public static func axon(
    _ names: String..., terms: TermStage = .asTheyAre, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.axonTarget, .axonPrediction],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .axon, names, arguments: arguments, options: options, overrides: overrides
    ) { (selection) throws(LossError) in
      selection.reduction?.first = terms.first
      try resolve(&selection)
    }
  }
}

extension DialectArgument {
  /// `y_true`, what is true.
  public static let axonTarget = DialectArgument(.target, "y_true")
  /// `y_pred`, what the model says.
  public static let axonPrediction = DialectArgument(.prediction, "y_pred")
}
