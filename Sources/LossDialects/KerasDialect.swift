public import LossCore

extension Dialect {
  /// Keras 3: target first, classes along the last axis.
  ///
  /// A class, `keras.losses.Huber`, averages over the samples; a function, `keras.losses.huber`,
  /// and a string, `keras.mse`, give one value per sample.
  public static let keras = Dialect(
    "keras", title: "Keras", aliases: ["tf.keras", "tensorflow.keras"],
    options: [
      .reduction(
        [
          "sum_over_batch_size": .mean, "mean": .mean, "mean_with_sample_weight": .weightedMean,
          "sum": .sum, "none": .unreduced,
        ], null: Reduction.Kind.unreduced),
      .input("sample_weight"), .unused("name", summary: "name of the loss, no effect"),
      .unused("dtype", summary: "element type of the computation, no effect"),
    ],
    defaults: { $0.reduction = Reduction(.mean, whenEmpty: .zero) })
}

extension DialectEntry {
  /// The epsilon with which Keras clips probabilities away from 0 and 1.
  public static let kerasEpsilon: OptionValue = 1e-7

  /// A Keras function of target and prediction, with its string identifiers and its class.
  ///
  /// - Parameters:
  ///   - functions: the name of the function and its string identifiers.
  ///   - type: the name of the class; nil if there is none.
  ///   - terms: the reduction inside the function, before that of the class.
  ///   - options: the options of this function, by their Keras names.
  ///   - overrides: our options for which Keras has other defaults.
  ///   - arguments: the arguments in order.
  ///   - resolve: the last step, after the options have been read.
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
    ) { (resolution) throws(LossError) in
      let isType = types.contains { [$0, "losses.\($0)"].contains(resolution.name) }
      // A class is called with target, prediction and weights; the third of a function is an option.
      if isType { resolution.optionalArguments = [.sampleWeight] }
      if !isType, !resolution.given.contains("reduction") {
        resolution.reduction?.kind = .unreduced
      }
      // The option `axis` takes precedence.
      let preceding = resolution.reduction?.preceding ?? terms.preceding
      resolution.reduction?.preceding = preceding
      try resolve(&resolution)
    }.preparing(.kerasTarget, .kerasWeight)
  }
}

extension DialectArgument {
  /// The target, `y_true`.
  public static let kerasTarget = DialectArgument(.target, "y_true")
  /// The prediction, `y_pred`.
  public static let kerasPrediction = DialectArgument(.prediction, "y_pred")
  /// The target `y_true` as -1 and +1; if all labels are 0 or 1, they are converted to -1 and +1.
  public static let kerasSigns = DialectArgument(
    .target, "y_true",
    adapt: { (tensor) in
      let isBinary = tensor.doubles.allSatisfy { $0 == 0 || $0 == 1 }
      guard isBinary else { return tensor }
      return switch tensor.widened {
      case .float32(let labels): .float32(labels.map { 2 * $0 - 1 })
      case .float64(let labels): .float64(labels.map { 2 * $0 - 1 })
      case .int64(let labels): .int64(labels.map { 2 * $0 - 1 })
      case .bool(let labels): .int64(labels.map { $0 ? 1 : -1 })
      case .narrow: tensor
      }
    })
}

extension DialectOption {
  /// The axes of a region, as a number or a list; null for all of them.
  public static let kerasRegionAxis = DialectOption(
    "axis", summary: "the axes of a region, null for all"
  ) { (value, resolution) throws(LossError) in
    guard value != .null else { return }
    guard let axes = [Int](optionValue: value) ?? Int(optionValue: value).map({ [$0] }),
      !axes.isEmpty
    else { throw refusal("axis", value, "an axis, a list of axes, or null") }
    resolution.options["per"] = "sample"
    resolution.joinedAxes = axes
  }

  /// The axis of the mean that precedes the reduction.
  public static let kerasMeanAxis = DialectOption(
    "axis", summary: "the axis of the mean before the reduction"
  ) {
    (value, resolution) throws(LossError) in
    guard let axis = Int(optionValue: value) else { throw axisRefusal("axis", value) }
    resolution.reduction?.preceding = Reduction.Stage(averages: true, axes: [axis])
  }
}
