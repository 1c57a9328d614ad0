public import LossCore

extension Dialect {
  /// Keras 3: target first, classes along the last axis.
  ///
  /// A class, `keras.losses.Huber`, is the mean over the samples; a function,
  /// `keras.losses.huber`, and a string, `keras.mse`, give a number a sample.
  public static let keras = Dialect(
    "keras", title: "Keras", aliases: ["tf.keras", "tensorflow.keras"],
    options: [
      .reduction(
        [
          "sum_over_batch_size": .mean, "mean": .mean, "mean_with_sample_weight": .weightedMean,
          "sum": .sum, "none": .unreduced,
        ], null: Reduction.Kind.unreduced)
    ],
    defaults: { $0.reduction = Reduction(.mean, whenEmpty: .zero) })
}

extension DialectEntry {
  /// The number that Keras keeps probabilities away from 0 and 1 by.
  public static let kerasEpsilon: OptionValue = 1e-7

  /// A Keras function of target and prediction, its strings and its class.
  ///
  /// - Parameters:
  ///   - functions: the function's name and the strings that stand for it.
  ///   - type: the name of the class; nil where there is none.
  ///   - terms: what the function does by itself, before a class reduces.
  ///   - options: the options of its own, in its words.
  ///   - overrides: options of ours that it fixes otherwise than by our defaults.
  ///   - arguments: its arguments in order.
  ///   - resolve: what is left to do when its options are read.
  public static func keras(
    _ functions: String..., class type: String? = nil, terms: TermStage = .asTheyAre,
    options: [DialectOption] = [], overrides: [String: OptionValue] = [:],
    arguments: [DialectArgument] = [.kerasTarget, .kerasPrediction],
    resolve: @escaping @Sendable (inout DialectResolution) throws(LossError) -> Void = { _ in }
  ) -> DialectEntry {
    let types = type.map { [$0] } ?? []
    let names = (functions + types).flatMap { [$0, "losses.\($0)"] }
    return DialectEntry(
      .keras, names, arguments: arguments, options: options, overrides: overrides
    ) { (selection) throws(LossError) in
      let isType = types.contains { [$0, "losses.\($0)"].contains(selection.name) }
      if !isType, !selection.given.contains("reduction") { selection.reduction?.kind = .unreduced }
      // An option may have named another axis already.
      let first = selection.reduction?.first ?? terms.first
      selection.reduction?.first = first
      try resolve(&selection)
    }
  }
}

extension DialectArgument {
  /// `y_true`, what is true.
  public static let kerasTarget = DialectArgument(.target, "y_true")
  /// `y_pred`, what the model says.
  public static let kerasPrediction = DialectArgument(.prediction, "y_pred")
  /// `y_true` as -1 and +1; if all of it is 0 or 1, these stand for -1 and +1.
  public static let kerasSigns = DialectArgument(
    .target, "y_true",
    adapt: { (tensor) in
      let isBinary = tensor.doubles.allSatisfy { $0 == 0 || $0 == 1 }
      guard isBinary else { return tensor }
      return switch tensor {
      case .float32(let labels): .float32(labels.map { 2 * $0 - 1 })
      case .float64(let labels): .float64(labels.map { 2 * $0 - 1 })
      case .int64(let labels): .int64(labels.map { 2 * $0 - 1 })
      case .bool(let labels): .int64(labels.map { $0 ? 1 : -1 })
      }
    })
}

extension DialectOption {
  /// The axis of the mean that comes before the reduction.
  public static let kerasMeanAxis = DialectOption("axis", summary: "the axis of the first mean") {
    (value, selection) throws(LossError) in
    guard let axis = Int(optionValue: value) else { throw refusal("axis", value, "one axis") }
    selection.reduction?.first = Reduction.First(averages: true, axes: [axis])
  }
}
