public import LossCore

extension Dialect {
  /// Optax: prediction first, classes along the last axis, no reduction.
  public static let optax = Dialect(
    "optax", title: "Optax", defaults: { $0.reduction = Reduction.unreduced })
}

extension DialectEntry {
  /// An Optax function of prediction and target, `optax.huber_loss` and `optax.losses.huber_loss`.
  public static func optax(
    _ functions: String..., options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.optaxPrediction, .optaxTarget],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    DialectEntry(
      .optax, functions.flatMap { [$0, "losses.\($0)"] }, arguments: arguments, options: options,
      overrides: overrides, resolve: resolve)
  }

  /// The same function with Optax's `where`, a mask of elements, which get these numbers.
  ///
  /// - Parameters:
  ///   - fills: the numbers of masked elements.
  ///   - takesRows: whether a mask may lack the class axis.
  ///   - keepsEmptyRows: whether the numbers give the term of a row of which nothing remains.
  public func masking(
    _ fills: KeyValuePairs<Role, Double>, takesRows: Bool = false, keepsEmptyRows: Bool = false
  ) -> DialectEntry {
    preparing(
      .alignedMask(isOfRows: takesRows), .masking(fills, keepsEmptyRows: keepsEmptyRows)
    ).naming(DialectArgument(.elements, "where"))
  }

  /// The same function with targets of zero where none are given.
  public var withZeroTarget: DialectEntry { preparing(.zeroTarget) }
}

extension DialectOption {
  /// Optax's `where`, which is an input.
  public static let optaxWhere = DialectOption.refused(
    "where", hint: "Give the mask as the input where.")
}

extension DialectArgument {
  /// The prediction: `predictions` of a regression loss, `logits` of a classification loss,
  /// `predictor_outputs` of a margin loss, `log_predictions` of a divergence.
  public static let optaxPrediction = DialectArgument(
    .prediction, "predictions", "logits", "predictor_outputs", "log_predictions")
  /// The target: `targets`, or `labels` of a classification loss.
  public static let optaxTarget = DialectArgument(.target, "targets", "labels")
}
