public import LossCore

extension Dialect {
  /// MONAI: input first, classes along axis 1, the mean of everything.
  public static let monai = Dialect(
    "monai", title: "MONAI",
    options: [.reduction(["mean": .mean, "sum": .sum, "none": .none])],
    defaults: { $0.reduction = .mean })

  /// segmentation_models_pytorch: prediction first, classes along axis 1, one number.
  public static let smp = Dialect(
    "smp", title: "segmentation_models_pytorch", aliases: ["segmentation_models_pytorch"],
    defaults: { $0.reduction = .mean })
}

extension Spelling {
  /// A class of MONAI, `monai.DiceLoss` and `monai.losses.DiceLoss`, with classes along axis 1.
  public static func monai(
    _ type: String, options: [SpelledOption] = [], fixed: [String: OptionValue] = [:],
    arguments: [SpelledArgument] = [.torchInput, .torchTarget],
    finish: @escaping @Sendable (inout LossSelection) throws(LossError) -> Void = { _ in }
  ) -> Spelling {
    Spelling(
      .monai, [type, "losses.\(type)"], arguments: arguments, options: options, fixed: fixed
    ) { (selection) throws(LossError) in
      selection.classAxis = selection.classAxis ?? 1
      try finish(&selection)
    }
  }

  /// A class of segmentation_models_pytorch, `smp.DiceLoss` and `smp.losses.DiceLoss`, with
  /// classes along axis 1.
  public static func smp(
    _ type: String, options: [SpelledOption] = [], fixed: [String: OptionValue] = [:],
    arguments: [SpelledArgument] = [
      SpelledArgument(.prediction, "y_pred"), SpelledArgument(.target, "y_true"),
    ],
    finish: @escaping @Sendable (inout LossSelection) throws(LossError) -> Void = { _ in }
  ) -> Spelling {
    Spelling(
      .smp, [type, "losses.\(type)"], arguments: arguments, options: options, fixed: fixed
    ) { (selection) throws(LossError) in
      selection.classAxis = selection.classAxis ?? 1
      try finish(&selection)
    }
  }
}

extension SpelledOption {
  /// The reduction of the classes of segmentation_models_pytorch that have one.
  public static let smpReduction = SpelledOption.reduction([
    "mean": .mean, "sum": .sum, "none": .none,
  ])
}
