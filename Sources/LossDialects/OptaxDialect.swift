public import LossCore

extension Dialect {
  /// Optax: prediction first, classes along the last axis, never reduced.
  public static let optax = Dialect(
    "optax", title: "Optax", defaults: { $0.reduction = Reduction.none })
}

extension Spelling {
  /// An Optax function of prediction and target, `optax.huber_loss` and `optax.losses.huber_loss`.
  public static func optax(
    _ functions: String..., options: [SpelledOption] = [], fixed: [String: OptionValue] = [:],
    arguments: [SpelledArgument] = [.optaxPrediction, .optaxTarget],
    finish: @escaping @Sendable (inout LossSelection) throws(LossError) -> Void = { _ in }
  ) -> Spelling {
    Spelling(
      .optax, functions.flatMap { [$0, "losses.\($0)"] }, arguments: arguments, options: options,
      fixed: fixed, finish: finish)
  }
}

extension SpelledArgument {
  /// What the model says: `predictions` of a regression, `logits` of a classification,
  /// `predictor_outputs` of a margin, `log_predictions` of a divergence.
  public static let optaxPrediction = SpelledArgument(
    .prediction, "predictions", "logits", "predictor_outputs", "log_predictions")
  /// What is true: `targets`, or `labels` of a classification.
  public static let optaxTarget = SpelledArgument(.target, "targets", "labels")
}
