public import LossCore

/// The options that overlap losses share.
public struct OverlapOptions: ClassOptions {
  /// Constant added to the numerator and the denominator.
  public var smooth = 1.0
  /// Constant added to the denominator instead of smooth.
  public var smoothDenominator: Double?
  /// Whether the loss is minus the logarithm of the overlap.
  public var logarithmic = false
  /// Loss of a region in which nothing is true.
  public var absent = AbsentClassPolicy.include
  /// Classes that are included.
  public var classes = ClassSelection.all
  /// Weight of each class; empty for 1 each.
  public var classWeights: [Double] = []
  /// Activation that turns predictions into probabilities.
  public var activation = Activation.identity
  /// Whether prediction holds logits, also without an activation.
  public var fromLogits = false
  /// Elements that form a region, and so a term.
  public var per = RegionScope.all
  /// Probabilities, all classes, a single region.
  public init() {}

  public static let fields = smoothing + others
  static let smoothing: [OptionField<Self>] = [
    .number("smooth", \.smooth, .atLeast(0), "constant added to the numerator and the denominator"),
    .number(
      "smooth_denominator", \.smoothDenominator, .atLeast(0),
      "constant added to the denominator instead of smooth"),
  ]
  static let others: [OptionField<Self>] = [
    .flag("logarithmic", \.logarithmic, "whether the loss is minus the logarithm of the overlap"),
    .choice("absent", \.absent, "loss of a region in which nothing is true"),
    .classes,
    .numbers(
      "class_weights", \.classWeights, .atLeast(0), "weight of each class; empty for 1 each"),
    .activation, .fromLogits, .per,
  ]

  var ratio: OverlapRatio {
    OverlapRatio(
      smooth: smooth, smoothDenominator: smoothDenominator, isLogarithmic: logarithmic,
      absent: absent)
  }
}

/// Options that contain those of an overlap: `options.smooth` is `options.overlap.smooth`.
@dynamicMemberLookup
public protocol OverlapLossOptions: RegionOptions {
  /// The options of the overlap.
  var overlap: OverlapOptions { get set }
}

extension OverlapLossOptions {
  /// An option of the overlap.
  public subscript<Value>(dynamicMember path: WritableKeyPath<OverlapOptions, Value>) -> Value {
    get { overlap[keyPath: path] }
    set { overlap[keyPath: path] = newValue }
  }
  /// Activation that turns predictions into probabilities.
  public var activation: Activation {
    get { overlap.activation }
    set { overlap.activation = newValue }
  }
  /// Whether prediction holds logits, also without an activation.
  public var fromLogits: Bool {
    get { overlap.fromLogits }
    set { overlap.fromLogits = newValue }
  }
  /// Elements that form a region, and so a term.
  public var per: RegionScope {
    get { overlap.per }
    set { overlap.per = newValue }
  }
}

extension ClassRegionLoss where Options: OverlapLossOptions {
  public var counted: RegionClasses {
    RegionClasses(options.overlap.classes, weights: options.overlap.classWeights)
  }
}
