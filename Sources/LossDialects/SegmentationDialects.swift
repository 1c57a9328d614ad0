public import LossCore

extension Dialect {
  /// MONAI: input first, classes along axis 1, the mean of all terms.
  public static let monai = Dialect(
    "monai", title: "MONAI",
    options: [.reduction(["mean": .mean, "sum": .sum, "none": .unreduced])],
    defaults: { $0.reduction = .mean })

  /// segmentation_models_pytorch: prediction first, classes along axis 1, a scalar result.
  public static let smp = Dialect(
    "smp", title: "segmentation_models_pytorch", aliases: ["segmentation_models_pytorch"],
    defaults: { $0.reduction = .mean })
}

extension DialectEntry {
  /// A class of MONAI, `monai.DiceLoss` and `monai.losses.DiceLoss`, with classes along axis 1.
  public static func monai(
    _ type: String, options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.torchInput, .torchTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .monai, [type, "losses.\(type)"], arguments: arguments, options: options, overrides: overrides
    ) { (resolution) throws(LossError) in
      resolution.classAxis = resolution.classAxis ?? 1
      try resolve(&resolution)
    }.preparing(.indexChannel)
  }

  /// A class of segmentation_models_pytorch, `smp.DiceLoss` and `smp.losses.DiceLoss`, with
  /// classes along axis 1.
  public static func smp(
    _ type: String, options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [
      DialectArgument(.prediction, "y_pred"), DialectArgument(.target, "y_true"),
    ],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .smp, [type, "losses.\(type)"], arguments: arguments, options: options, overrides: overrides
    ) { (resolution) throws(LossError) in
      resolution.classAxis = resolution.classAxis ?? 1
      try resolve(&resolution)
    }
  }
}

extension DialectResolution {
  /// Leaves out targets of -100 where no other number is given, nor null.
  ///
  /// - Parameter isCounted: whether a mean still counts the terms that are left out.
  public mutating func ignoreDefault(isCounted: Bool) {
    guard !given.contains("ignore_index") else { return }
    ignored = IgnoredTarget(-100, isCounted: isCounted)
  }
}

extension DialectOption {
  /// The option `reduction` of those classes of segmentation_models_pytorch that have it.
  public static let smpReduction = DialectOption.reduction([
    "mean": .mean, "sum": .sum, "none": .unreduced,
  ])
}
