/// Which classes count.
public enum ClassSelection: OptionConvertible, Hashable {
  /// All of them.
  case all
  /// All but class 0, the background.
  case foreground
  /// These and no others.
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

  /// The word or the list.
  public var optionValue: OptionValue {
    switch self {
    case .all: "all"
    case .foreground: "foreground"
    case .these(let classes): classes.optionValue
    }
  }

  /// Whether a class counts.
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
  /// Which classes count.
  public static func classes(
    _ name: String, _ path: any WritableKeyPath<Options, ClassSelection> & Sendable,
    _ summary: String
  ) -> OptionField {
    OptionField(
      name, path, range: "\"all\", \"foreground\", or a list of classes from 0 on", summary
    ) {
      guard case .these(let classes) = $0 else { return true }
      return !classes.isEmpty && classes.allSatisfy { $0 >= 0 }
    }
  }
}

/// Which classes a loss over regions measures, and what each of them weighs.
///
/// The elements of other classes are in no sum and have no gradient. Where each class is a region
/// of its own, the term of another class is left out of a mean, as by a mask; a weight multiplies
/// the term of its class, and a weighted mean divides by it. Where a region holds all classes, a
/// weight multiplies what its class adds to the sums.
public struct RegionClasses: Sendable {
  /// Which classes count.
  public let selection: ClassSelection
  /// What each class weighs; empty for 1 each.
  public let weights: [Double]

  /// Every class, with a weight of 1.
  public static let all = RegionClasses(.all)

  /// Some classes and their weights.
  @inlinable
  public init(_ selection: ClassSelection, weights: [Double] = []) {
    self.selection = selection
    self.weights = weights
  }

  /// Whether there is nothing to select and nothing to weigh.
  @inlinable public var isAll: Bool { selection == .all && weights.isEmpty }

  /// What a class weighs.
  @inlinable
  public func weight(_ index: Int) -> Double { index < weights.count ? weights[index] : 1 }

  /// Refuses classes that the prediction does not have, and weights that do not fit them.
  ///
  /// - Throws: `LossError` of code `invalid_option` for `classes` or `class_weights`.
  public func check(classCount: Int) throws(LossError) {
    guard (0..<classCount).contains(where: selection.contains), largest < classCount else {
      throw LossError(
        .invalidOption, subject: "classes", found: "is \(selection.optionValue.text)",
        expected: "classes in 0 ..< \(classCount), the class axis of prediction")
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

  /// Writes what each term weighs by its class, below zero for a class that does not count.
  @inlinable
  public func termWeights<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, _ region: RegionScope, into termWeights: inout [S]
  ) {
    guard region.tellsClasses else { return }
    let count = max(1, pass.extent("class"))
    for term in termWeights.indices {
      let index = term % count
      termWeights[term] = selection.contains(index) ? S(weight(index)) : -1
    }
  }
}

extension RegionScope {
  /// Whether each class is a region of its own.
  @inlinable public var tellsClasses: Bool { self == .class || self == .sampleAndClass }
}
