public import LossCore

extension Dialect {
  /// Axon: target first, classes along the last axis; one value per sample unless `reduction` is
  /// `mean` or `sum`.
  public static let axon = Dialect(
    "axon", title: "Axon", aliases: ["Axon.Losses"],
    options: [
      .reduction(["none": .unreduced, "mean": .mean, "sum": .sum])
    ],
    defaults: { $0.reduction = Reduction.unreduced })
}

extension DialectEntry {
  /// The epsilon that Axon adds to probabilities and rates.
  public static let axonEpsilon: OptionValue = 1e-7

  /// The bound that Axon clips with: its epsilon as a 32-bit number, since `Nx.clip` holds its bounds
  /// in 32 bits even where it computes in 64.
  public static let axonClip = OptionValue.number(Double(1e-7 as Float))

  /// How far the upper bound, 1 - 1e-7 as a 32-bit number, is below 1.
  public static let axonClipAbove = OptionValue.number(Double(1 - (1 - 1e-7 as Float)))

  /// An Axon function of target and prediction.
  public static func axon(
    _ names: String..., terms: TermStage = .asTheyAre, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.axonTarget, .axonPrediction],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .axon, names, arguments: arguments, options: options, overrides: overrides
    ) { (resolution) throws(LossError) in
      resolution.reduction?.preceding = terms.preceding
      try resolve(&resolution)
    }
  }
}

extension DialectArgument {
  /// The target, `y_true`.
  public static let axonTarget = DialectArgument(.target, "y_true")
  /// The prediction, `y_pred`.
  public static let axonPrediction = DialectArgument(.prediction, "y_pred")
}
