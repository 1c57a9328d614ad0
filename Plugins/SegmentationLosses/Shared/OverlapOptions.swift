public import LossCore

/// How an overlap becomes a term, and of what: the options that losses over overlaps share.
public struct OverlapOptions: ClassOptions {
  /// What is added above and below.
  public var smooth = 1.0
  /// What is added below, if that is not what is added above.
  public var smoothDenominator: Double?
  /// Whether the loss is minus the logarithm of the overlap, not the rest to 1.
  public var logarithmic = false
  /// What a region costs in which nothing is true.
  public var absent = AbsentClassPolicy.include
  /// Which classes count.
  public var classes = ClassSelection.all
  /// What each class weighs; empty for 1 each.
  public var classWeights: [Double] = []
  /// How a prediction becomes a probability.
  public var activation = Activation.identity
  /// What is one region, and so what a term is.
  public var per = RegionScope.all
  /// Probabilities of all classes, over everything.
  public init() {}

  public static let fields = smoothing + others
  static let smoothing: [OptionField<Self>] = [
    .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
    .number("smooth_denominator", \.smoothDenominator, .atLeast(0), "what is added below instead"),
  ]
  static let others: [OptionField<Self>] = [
    .flag("logarithmic", \.logarithmic, "minus the logarithm of the overlap, not the rest to 1"),
    .choice("absent", \.absent, "what a region costs in which nothing is true"),
    .classes,
    .numbers("class_weights", \.classWeights, .atLeast(0), "what each class weighs"),
    .activation, .per,
  ]

  var ratio: OverlapRatio {
    OverlapRatio(
      smooth: smooth, below: smoothDenominator, isLogarithmic: logarithmic, absent: absent)
  }
}

/// Options that those of an overlap are part of: `options.smooth` is `options.overlap.smooth`.
@dynamicMemberLookup
public protocol OverlapLossOptions: RegionOptions {
  /// Those of the overlap.
  var overlap: OverlapOptions { get set }
}

extension OverlapLossOptions {
  /// An option of the overlap.
  public subscript<Value>(dynamicMember path: WritableKeyPath<OverlapOptions, Value>) -> Value {
    get { overlap[keyPath: path] }
    set { overlap[keyPath: path] = newValue }
  }
  /// How a prediction becomes a probability.
  public var activation: Activation {
    get { overlap.activation }
    set { overlap.activation = newValue }
  }
  /// What is one region, and so what a term is.
  public var per: RegionScope {
    get { overlap.per }
    set { overlap.per = newValue }
  }
}

extension ClassRegionLoss where Options: OverlapLossOptions {
  /// Which classes count, and what each weighs.
  public var counted: RegionClasses {
    RegionClasses(options.overlap.classes, weights: options.overlap.classWeights)
  }
}
