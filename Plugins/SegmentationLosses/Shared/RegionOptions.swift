public import LossCore

/// The options of a loss over regions of probabilities.
public protocol RegionOptions: LossOptions {
  /// How a prediction becomes a probability.
  var activation: Activation { get set }
  /// What is one region, and so what a term is.
  var per: RegionScope { get set }
}

/// Those of a loss that can be told which classes count.
public protocol ClassOptions: RegionOptions {
  /// Which classes count.
  var classes: ClassSelection { get set }
}

extension OptionField where Options: RegionOptions {
  static var activation: Self {
    .choice("activation", \.activation, "how a prediction becomes a probability")
  }
  static var per: Self { .choice("per", \.per, "what is one region, and so what a term is") }
}

extension OptionField where Options: ClassOptions {
  static var classes: Self { .classes("classes", \.classes, "which classes count") }
}

extension RegionFormLoss where Options: RegionOptions {
  /// What one region is.
  public var region: RegionScope { options.per }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature {
    region.signature(prediction: options.activation.domain, target: .probability)
  }
}

extension ClassRegionLoss where Options: ClassOptions {
  /// Which classes count.
  public var counted: RegionClasses { RegionClasses(options.classes) }
}
