public import LossCore

/// The options of a loss of probabilities, or of logits that become probabilities.
public protocol ActivationOptions: LossOptions {
  /// Activation that turns predictions into probabilities.
  var activation: Activation { get set }
  /// Whether prediction holds logits, also without an activation.
  var fromLogits: Bool { get set }
}

extension ActivationOptions {
  /// Whether predictions are probabilities.
  var readsProbabilities: Bool { activation == .identity && !fromLogits }
  /// The domain of the prediction.
  var predictionDomain: InputSpecification.Domain { readsProbabilities ? .probability : .any }

  /// The activation of a number of classes: that which is set, or, of logits, the softmax of several
  /// classes and the sigmoid of one.
  func activation(classCount: Int) -> Activation {
    activation == .identity && fromLogits ? Activation.softmax.fitted(to: classCount) : activation
  }
}

/// The options of a loss over regions.
public protocol RegionOptions: ActivationOptions {
  /// Elements that form a region, and so a term.
  var per: RegionScope { get set }
}

/// The options of a loss over regions with included classes.
public protocol ClassOptions: RegionOptions {
  /// Classes that are included.
  var classes: ClassSelection { get set }
}

extension OptionField where Options: ActivationOptions {
  static var activation: Self {
    .choice("activation", \.activation, "activation that turns predictions into probabilities")
  }
  static var fromLogits: Self {
    .flag(
      "from_logits", \.fromLogits,
      "whether prediction holds logits: without activation a softmax, of one class a sigmoid")
  }
}

extension OptionField where Options: RegionOptions {
  static var per: Self { .choice("per", \.per, "elements that form a region, and so a term") }
}

extension OptionField where Options: ClassOptions {
  static var classes: Self { .classes("classes", \.classes, "classes that are included") }
}

extension RegionFormLoss where Options: RegionOptions {
  public var region: RegionScope { options.per }
  public var signature: LossSignature {
    region.signature(prediction: options.predictionDomain, target: .probability)
  }
}

extension ClassRegionLoss where Options: ClassOptions {
  public var counted: RegionClasses { RegionClasses(options.classes) }
}
