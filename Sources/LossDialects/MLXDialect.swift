public import LossCore

extension Dialect {
  /// MLX: prediction first, classes along the last axis, and a reduction whose default is each
  /// function's own.
  public static let mlx = Dialect(
    "mlx", title: "MLX",
    options: [.reduction(["none": .unreduced, "mean": .mean, "sum": .sum])],
    defaults: { $0.reduction = Reduction.unreduced })
}

extension DialectEntry {
  /// An MLX function of prediction and target, `mlx.huber_loss` and `mlx.nn.losses.huber_loss`.
  ///
  /// - Parameters:
  ///   - function: its name in `mlx.nn.losses`.
  ///   - reduction: its default.
  ///   - options: the options of its own, in its words.
  ///   - overrides: options of ours that it fixes otherwise than by our defaults.
  ///   - arguments: its arguments in order.
  ///   - resolve: what is left to do when its options are read.
  public static func mlx(
    _ function: String, reduction: Reduction.Kind = .unreduced, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.mlxPrediction, .mlxTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .mlx, [function, "nn.losses.\(function)"], arguments: arguments, options: options,
      overrides: overrides
    ) { (selection) throws(LossError) in
      if !selection.given.contains("reduction") { selection.reduction = Reduction(reduction) }
      try resolve(&selection)
    }
  }
}

extension DialectArgument {
  /// What the model says: `predictions`, `inputs` or `logits`.
  public static let mlxPrediction = DialectArgument(
    .prediction, "predictions", "inputs", "logits")
  /// `targets`, what is true.
  public static let mlxTarget = DialectArgument(.target, "targets")
}
