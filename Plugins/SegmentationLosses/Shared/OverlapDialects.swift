package import LossCore
import LossDialects

extension DialectEntry {
  /// Keras adds a small number below only, and has one region of everything.
  static let kerasOverlap: [String: OptionValue] = [
    "smooth": 0, "smooth_denominator": DialectEntry.kerasEpsilon,
  ]
  /// MONAI has a region for each class of each sample.
  package static let monaiOverlap: [String: OptionValue] = [
    "smooth": 1e-5, "smooth_denominator": 1e-5, "per": "sample_and_class",
  ]
  /// MONAI adds the same above and below.
  package static let monaiGeneralized: [String: OptionValue] = [
    "smooth": 1e-5, "smooth_denominator": 1e-5,
  ]
  /// The classes of segmentation_models_pytorch, by default of several and of logits.
  static let smpOverlap: [String: OptionValue] = [
    "smooth": 0, "absent": "zero", "per": "class", "activation": "softmax",
  ]
}

extension [DialectOption] {
  /// What the overlaps of MONAI share.
  package static let monaiRegions: [DialectOption] = [
    .monaiSigmoid, .monaiSoftmax,
    .region("batch", isTrue: "class", isFalse: "sample_and_class"),
    .background("include_background", isIncluded: true), .same("smooth_nr", as: "smooth"),
    .same("smooth_dr", as: "smooth_denominator"),
  ]
  /// What those of Dice have.
  package static let monaiDice: [DialectOption] =
    monaiRegions + [
      .same("squared_pred", as: "squared"), .same("jaccard"), .classWeights("weight"),
    ]
  /// What the overlaps of MONAI share that weigh classes by their sizes.
  package static let monaiGeneralized: [DialectOption] =
    monaiRegions.filter { $0.names != ["batch"] } + [
      .region("batch", isTrue: "all", isFalse: "sample"), .same("w_type", as: "weighting"),
    ]
  /// What the losses of MONAI share that measure distances.
  static let monaiPlaces = monaiRegions.filter {
    $0.names.first?.hasPrefix("smooth") == false
  }
  /// What the overlaps of segmentation_models_pytorch share.
  static let smpRegions: [DialectOption] = [
    .smpMode, .smpFromLogits, .same("smooth"), .same("log_loss", as: "logarithmic"), .smpClasses,
    .classWeights("class_weights"),
  ]
}

extension DialectOption {
  /// Whether MONAI applies a sigmoid.
  static let monaiSigmoid = activation("sigmoid", "sigmoid")
  /// Whether MONAI applies a softmax.
  static let monaiSoftmax = activation("softmax", "softmax")
  /// Whether segmentation_models_pytorch is given logits.
  static let smpFromLogits = flag("from_logits", "whether y_pred holds logits") {
    (isLogits, selection) in
    if !isLogits { selection.options["activation"] = "none" }
  }
  /// Whether Optax applies a softmax.
  static let optaxSoftmax = activation("apply_softmax", "softmax")
  /// Whether Optax applies a sigmoid.
  static let optaxSigmoid = activation("apply_sigmoid", "sigmoid")
  /// Whether Optax leaves the first class out.
  static let optaxBackground = background("ignore_background", isIncluded: false)
  /// What Optax does with the terms of the classes of a sample.
  static let optaxClassReduction = DialectOption("reduction", summary: "mean, sum, none") {
    (value, selection) throws(LossError) in
    switch value {
    case "mean": selection.reduction = .mean(over: [-1])
    case "sum": selection.reduction = .sum(over: [-1])
    case "none": selection.reduction = Reduction.unreduced
    default: throw refusal("reduction", value, "one of mean, sum, none")
    }
  }

  /// Which classes segmentation_models_pytorch measures; null for all.
  static let smpClasses = DialectOption("classes", summary: "our classes, or null for all") {
    (value, selection) in
    selection.options["classes"] = value == .null ? "all" : value
  }

  /// The reduction of MONAI where nothing else than its mean is a reduction of our terms.
  package static let monaiMean = DialectOption("reduction", summary: "mean") {
    (value, _) throws(LossError) in
    guard value == "mean" else { throw refusal("reduction", value, "mean") }
  }

  /// What each class weighs, as a list, or null for 1 each.
  package static func classWeights(_ name: String) -> DialectOption {
    DialectOption(name, summary: "our class_weights, or null for none") { (value, selection) in
      selection.options["class_weights"] = value == .null ? [] : value
    }
  }

  /// An activation that is switched on or off by a flag of its own.
  fileprivate static func activation(_ name: String, _ activation: OptionValue) -> DialectOption {
    flag(name, "whether our activation is \(activation.text)") { (isOn, selection) in
      if isOn {
        selection.options["activation"] = activation
      } else if selection.options["activation"] == activation {
        selection.options["activation"] = "none"
      }
    }
  }

  /// What one region is, by a flag.
  static func region(
    _ name: String, isTrue: OptionValue, isFalse: OptionValue
  ) -> DialectOption {
    flag(name, "our per: \(isTrue.text), or \(isFalse.text)") { (isOn, selection) in
      selection.options["per"] = isOn ? isTrue : isFalse
    }
  }

  /// Whether class 0 counts.
  fileprivate static func background(_ name: String, isIncluded: Bool) -> DialectOption {
    flag(name, "our classes: all, or foreground") { (isOn, selection) in
      selection.options["classes"] = isOn == isIncluded ? "all" : "foreground"
    }
  }

  /// An option that is true or false.
  fileprivate static func flag(
    _ name: String, _ summary: String,
    apply: @escaping @Sendable (Bool, inout DialectResolution) -> Void
  ) -> DialectOption {
    DialectOption(name, summary: summary) { (value, selection) throws(LossError) in
      guard let isOn = Bool(optionValue: value) else { throw refusal(name, value, "true or false") }
      apply(isOn, &selection)
    }
  }
}

extension DialectResolution {
  /// MONAI's weights do not have one for a background that is left out; ours do.
  package mutating func weighNoBackground() {
    guard options["classes"] == "foreground", case .list(let weights)? = options["class_weights"]
    else { return }
    options["class_weights"] = .list([1] + weights)
  }

  /// A mean divides by the weights of the classes where they are given.
  mutating func averageClasses() {
    if case .list(let weights)? = options["class_weights"], !weights.isEmpty {
      divideByWeights()
    }
  }
}
