public import LossCore

/// The options of a loss over regions.
public protocol RegionOptions: LossOptions {
  /// Activation that turns predictions into probabilities.
  var activation: Activation { get set }
  /// Elements that form a region, and so a term.
  var per: RegionScope { get set }
}

/// The options of a loss over regions with included classes.
public protocol ClassOptions: RegionOptions {
  /// Classes that are included.
  var classes: ClassSelection { get set }
}

extension OptionField where Options: RegionOptions {
  static var activation: Self {
    .choice("activation", \.activation, "activation that turns predictions into probabilities")
  }
  static var per: Self { .choice("per", \.per, "elements that form a region, and so a term") }
}

extension OptionField where Options: ClassOptions {
  static var classes: Self { .classes("classes", \.classes, "classes that are included") }
}

extension RegionFormLoss where Options: RegionOptions {
  public var region: RegionScope { options.per }
  public var signature: LossSignature {
    region.signature(prediction: options.activation.domain, target: .probability)
  }
}

extension ClassRegionLoss where Options: ClassOptions {
  public var counted: RegionClasses { RegionClasses(options.classes) }
}
