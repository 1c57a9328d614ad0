public import LossCore

extension Dialect {
  /// MLX: prediction first, classes along the last axis; each function has its own default
  /// reduction.
  public static let mlx = Dialect(
    "mlx", title: "MLX",
    options: [.reduction(["none": .unreduced, "mean": .mean, "sum": .sum])],
    defaults: { $0.reduction = Reduction.unreduced })
}

extension DialectEntry {
  /// An MLX function of prediction and target, `mlx.huber_loss` and `mlx.nn.losses.huber_loss`.
  ///
  /// - Parameters:
  ///   - function: the name in `mlx.nn.losses`.
  ///   - reduction: the default reduction of the function.
  ///   - options: the options of this function, by their MLX names.
  ///   - overrides: our options for which MLX has other defaults.
  ///   - arguments: the arguments in order.
  ///   - resolve: the last step, after the options have been read.
  public static func mlx(
    _ function: String, reduction: Reduction.Kind = .unreduced, options: [DialectOption] = [],
    overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.mlxPrediction, .mlxTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .mlx, [function, "nn.losses.\(function)"], arguments: arguments, options: options,
      overrides: overrides
    ) { (resolution) throws(LossError) in
      if !resolution.given.contains("reduction") { resolution.reduction = Reduction(reduction) }
      try resolve(&resolution)
    }
  }

  /// The same function with MLX's `weights` of terms, its third argument.
  public var withMLXWeights: DialectEntry {
    naming(DialectArgument(.weight, "weights")).followed(by: "weights")
  }
}

extension DialectArgument {
  /// The prediction: `predictions`, `inputs` or `logits`.
  public static let mlxPrediction = DialectArgument(
    .prediction, "predictions", "inputs", "logits")
  /// The target, `targets`.
  public static let mlxTarget = DialectArgument(.target, "targets")
}
