/// A selection of classes.
public enum ClassSelection: OptionConvertible, Hashable {
  /// All classes.
  case all
  /// All classes except class 0, the background.
  case foreground
  /// Only these classes.
  case these([Int])

  /// `all`, `foreground`, or a list of classes.
  public init?(optionValue: OptionValue) {
    switch optionValue {
    case "all": self = .all
    case "foreground": self = .foreground
    default:
      guard let classes = [Int](optionValue: optionValue) else { return nil }
      self = .these(classes)
    }
  }

  /// The name or the list.
  public var optionValue: OptionValue {
    switch self {
    case .all: "all"
    case .foreground: "foreground"
    case .these(let classes): classes.optionValue
    }
  }

  /// Whether a class is selected.
  @inlinable
  public func contains(_ index: Int) -> Bool {
    switch self {
    case .all: true
    case .foreground: index > 0
    case .these(let classes): classes.contains(index)
    }
  }
}

extension OptionField {
  /// A selection of classes.
  public static func classes(
    _ name: String, _ path: any WritableKeyPath<Options, ClassSelection> & Sendable,
    _ summary: String
  ) -> OptionField {
    OptionField(
      name, path, range: "\"all\", \"foreground\", or a list of class indices", summary
    ) {
      guard case .these(let classes) = $0 else { return true }
      return !classes.isEmpty && classes.allSatisfy { $0 >= 0 }
    }
  }
}

/// The selected classes of a region loss, and their weights.
///
/// The elements of other classes enter no sum and have no gradient.
///
/// - If each class is a region of its own, the terms of other classes are excluded from a mean, as
///   by a mask. A weight multiplies the term of its class, and counts in the divisor of a weighted
///   mean.
/// - If a region spans all classes, a weight multiplies the summands of its class.
public struct RegionClasses: Sendable {
  /// The selected classes.
  public let selection: ClassSelection
  /// The weight of each class; empty for 1 each.
  public let weights: [Double]

  /// Every class, with a weight of 1.
  public static let all = RegionClasses(.all)

  /// A selection of classes with weights.
  @inlinable
  public init(_ selection: ClassSelection, weights: [Double] = []) {
    self.selection = selection
    self.weights = weights
  }

  /// Whether all classes are selected, with a weight of 1.
  @inlinable public var isAll: Bool { selection == .all && weights.isEmpty }

  /// The weight of a class.
  @inlinable
  public func weight(_ index: Int) -> Double { index < weights.count ? weights[index] : 1 }

  /// Checks that the prediction has the selected classes, and that there is one weight per class.
  ///
  /// - Throws: `LossError` of code `invalid_option` for `classes` or `class_weights`.
  public func check(classCount: Int) throws(LossError) {
    if selection == .foreground, classCount == 1 {
      throw LossError(
        .invalidOption, subject: "classes", found: "leaves out the only class",
        expected: "a class to be included", hint: "Set classes to all.")
    }
    guard (0..<classCount).contains(where: selection.contains), largest < classCount else {
      throw LossError(
        .invalidOption, subject: "classes", found: "is \(selection.optionValue.text)",
        expected: "class indices in 0 ..< \(classCount), the class axis of prediction")
    }
    guard weights.isEmpty || weights.count == classCount else {
      throw LossError(
        .invalidOption, subject: "class_weights", found: "has \(weights.count) numbers",
        expected: "\(classCount), one for each class")
    }
  }

  private var largest: Int {
    guard case .these(let classes) = selection else { return 0 }
    return classes.max() ?? 0
  }

  /// Writes the weight of each term by its class; -1 for a class that is not selected.
  @inlinable
  public func termWeights<S: LossScalar>(
    _ context: borrowing KernelContext<S>, _ region: RegionScope, into termWeights: inout [S]
  ) {
    guard region.isPerClass else { return }
    let count = max(1, context.extent("class"))
    for term in termWeights.indices {
      let index = term % count
      termWeights[term] = selection.contains(index) ? S(weight(index)) : -1
    }
  }
}

extension RegionScope {
  /// Whether each class is a region of its own.
  @inlinable public var isPerClass: Bool { self == .class || self == .sampleAndClass }
}
