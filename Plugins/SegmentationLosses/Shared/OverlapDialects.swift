package import LossCore
import LossDialects

extension DialectEntry {
  /// Keras adds a small constant to the denominator only, and has a single region.
  static let kerasOverlap: [String: OptionValue] = [
    "smooth": 0, "smooth_denominator": DialectEntry.kerasEpsilon,
  ]
  /// MONAI has a region per class and sample.
  package static let monaiOverlap: [String: OptionValue] = [
    "smooth": 1e-5, "smooth_denominator": 1e-5, "per": "sample_and_class",
  ]
  /// MONAI adds the same constant to numerator and denominator.
  package static let monaiGeneralized: [String: OptionValue] = [
    "smooth": 1e-5, "smooth_denominator": 1e-5,
  ]
  /// segmentation_models_pytorch with its default mode: several classes, from logits.
  static let smpOverlap: [String: OptionValue] = [
    "smooth": 0, "absent": "zero", "per": "class", "activation": "softmax",
  ]
}

extension [DialectOption] {
  /// Options of all overlap losses of MONAI.
  package static let monaiRegions: [DialectOption] = [
    .monaiSigmoid, .monaiSoftmax,
    .region("batch", isTrue: "class", isFalse: "sample_and_class"),
    .background("include_background", isIncluded: true), .same("smooth_nr", as: "smooth"),
    .same("smooth_dr", as: "smooth_denominator"), .unused("to_onehot_y"),
    .refused("other_act", hint: "Apply it to input before the call."),
    .refused(
      "soft_label", unless: [false], hint: "Overlaps are products here, of soft labels, too."),
    .refused("ignore_index", hint: "Use the input mask."),
  ]
  /// Options of the Dice losses of MONAI.
  package static let monaiDice: [DialectOption] =
    monaiRegions + [
      .same("squared_pred", as: "squared"), .same("jaccard"), .monaiWeight,
    ]
  /// Options of the generalised Dice losses of MONAI.
  package static let monaiGeneralized: [DialectOption] =
    monaiRegions.filter { $0.names != ["batch"] } + [
      .region("batch", isTrue: "all", isFalse: "sample"), .same("w_type", as: "weighting"),
    ]
  /// Options of the distance losses of MONAI.
  static let monaiDistances = monaiRegions.filter {
    $0.names.first?.hasPrefix("smooth") == false
  }
  /// Options of the overlap losses of segmentation_models_pytorch.
  static let smpRegions: [DialectOption] = [
    .smpMode, .smpFromLogits, .same("smooth"), .same("log_loss", as: "logarithmic"), .smpClasses,
    .classWeights("class_weights"), .ignoredTarget(),
    .refused("eps", unless: [1e-7], hint: "Use smooth."),
  ]
}

extension DialectOption {
  /// Whether MONAI applies a sigmoid.
  static let monaiSigmoid = activation("sigmoid", "sigmoid")
  /// Whether MONAI applies a softmax.
  static let monaiSoftmax = activation("softmax", "softmax")
  /// Whether predictions for segmentation_models_pytorch are logits.
  static let smpFromLogits = flag("from_logits", "whether y_pred holds logits") {
    (isLogits, resolution) in
    if !isLogits { resolution.options["activation"] = "none" }
  }
  /// Whether Optax applies a softmax.
  static let optaxSoftmax = activation("apply_softmax", "softmax")
  /// Whether Optax applies a sigmoid.
  static let optaxSigmoid = activation("apply_sigmoid", "sigmoid")
  /// Whether Optax leaves out the first class.
  static let optaxBackground = background("ignore_background", isIncluded: false)
  /// Optax's reduction over the classes of a sample.
  static let optaxClassReduction = DialectOption("reduction", summary: "mean, sum, none") {
    (value, resolution) throws(LossError) in
    switch value {
    case "mean": resolution.reduction = .mean(over: [-1])
    case "sum": resolution.reduction = .sum(over: [-1])
    case "none": resolution.reduction = Reduction.unreduced
    default: throw refusal("reduction", value, "one of mean, sum, none")
    }
  }.setting("reduction")

  /// The included classes of segmentation_models_pytorch; null for all.
  static let smpClasses = DialectOption("classes", summary: "our classes, or null for all") {
    (value, resolution) in
    resolution.options["classes"] = value == .null ? "all" : value
  }

  /// MONAI's reduction where only its mean is a reduction of our terms.
  package static let monaiMean = DialectOption("reduction", summary: "mean") {
    (value, _) throws(LossError) in
    guard value == "mean" else {
      throw LossError(
        .invalidOption, subject: "reduction", found: "is \(value.text)", expected: "mean",
        hint: "For other reductions add the losses of its parts.")
    }
  }

  /// MONAI's weight of the focal part of a sum: a list for the classes, or a number for all of them.
  package static let monaiFocalPartWeight = DialectOption(
    "weight", summary: "our class_weights, or a number"
  ) { (value, resolution) throws(LossError) in
    guard let weight = try factor("weight", value) else {
      resolution.options["class_weights"] = value
      return
    }
    // Options are read in alphabetical order: `lambda_focal` has been read before.
    let scale = resolution.options["lambda_focal"].flatMap { Double(optionValue: $0) } ?? 1
    resolution.options["lambda_focal"] = .number(scale * weight)
  }.tensor.setting("class_weights")

  /// MONAI's weight of the classes: a list, or one number for all of them.
  package static let monaiWeight = DialectOption(
    "weight", "class_weight", summary: "our class_weights, or a number"
  ) { (value, resolution) throws(LossError) in
    if let weight = try factor("weight", value) {
      resolution.scale *= weight
    } else {
      resolution.options["class_weights"] = value
    }
  }.tensor.setting("class_weights")

  /// Class weights, as a list, or null for none.
  package static func classWeights(_ name: String) -> DialectOption {
    DialectOption(name, summary: "our class_weights, or null for none") { (value, resolution) in
      resolution.options["class_weights"] = value == .null ? [] : value
    }.tensor.setting("class_weights")
  }

  /// An activation with a flag of its own.
  fileprivate static func activation(_ name: String, _ activation: OptionValue) -> DialectOption {
    flag(name, "whether our activation is \(activation.text)") {
      (isOn, resolution) throws(LossError) in
      if isOn {
        let earlier = resolution.options["activation"] ?? "none"
        let earlierName = String(optionValue: earlier) ?? ""
        // Options are read in alphabetical order: another one was chosen by the caller.
        if resolution.given.contains(earlierName), earlier != activation {
          throw LossError(
            .invalidOption, subject: name, found: "is true beside \(earlierName)",
            expected: "one of the two")
        }
        resolution.options["activation"] = activation
      } else if resolution.options["activation"] == activation {
        resolution.options["activation"] = "none"
      }
    }
  }

  /// The scope of a region, by a flag.
  static func region(
    _ name: String, isTrue: OptionValue, isFalse: OptionValue
  ) -> DialectOption {
    flag(name, "our per: \(isTrue.text), or \(isFalse.text)") { (isOn, resolution) in
      resolution.options["per"] = isOn ? isTrue : isFalse
    }
  }

  /// Whether class 0 is included.
  fileprivate static func background(_ name: String, isIncluded: Bool) -> DialectOption {
    flag(name, "our classes: all, or foreground") { (isOn, resolution) in
      resolution.options["classes"] = isOn == isIncluded ? "all" : "foreground"
    }.setting("classes")
  }

  /// A Boolean option.
  fileprivate static func flag(
    _ name: String, _ summary: String,
    apply: @escaping @Sendable (Bool, inout DialectResolution) throws(LossError) -> Void
  ) -> DialectOption {
    DialectOption(name, summary: summary) { (value, resolution) throws(LossError) in
      guard let isOn = Bool(optionValue: value) else { throw refusal(name, value, "true or false") }
      try apply(isOn, &resolution)
    }
  }
}

extension DialectResolution {
  /// Adds the weight of an excluded background, which MONAI's list does not have and ours does.
  package mutating func insertBackgroundWeight() {
    guard options["classes"] == "foreground", case .list(let weights)? = options["class_weights"]
    else { return }
    options["class_weights"] = .list([1] + weights)
  }

  /// Makes the mean a weighted mean where class weights are given.
  mutating func averageClasses() {
    if case .list(let weights)? = options["class_weights"], !weights.isEmpty {
      divideByWeights()
    }
  }
}
