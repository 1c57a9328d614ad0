public import LossCore

/// A reduction that a framework's function applies to its terms before the reduction proper.
public enum TermStage: Sendable {
  /// None: one term per element, or one per row.
  case asTheyAre
  /// The mean over the last axis.
  case meanOfLastAxis
  /// The sum over the first axis.
  case sumOfFirstAxis

  var preceding: Reduction.Stage? {
    switch self {
    case .asTheyAre: nil
    case .meanOfLastAxis: Reduction.Stage(averages: true, axes: [-1])
    case .sumOfFirstAxis: Reduction.Stage(averages: false, axes: [0])
    }
  }
}

extension DialectOption {
  /// The reduction option of a framework.
  ///
  /// - Parameters:
  ///   - values: the values of the option, each with the reduction that it stands for.
  ///   - name: the framework's name for the option.
  ///   - null: the reduction for Python's `None`; nil if the framework rejects it.
  public static func reduction(
    _ values: KeyValuePairs<String, Reduction.Kind>, named name: String = "reduction",
    null: Reduction.Kind? = nil
  ) -> DialectOption {
    // `KeyValuePairs` is not `Sendable`, so that the closure captures an array.
    let kinds = values.map { (name: $0.key, kind: $0.value) }
    let list = (kinds.map(\.name) + (null == nil ? [] : ["null"])).joined(separator: ", ")
    return DialectOption(name, summary: list) { (value, resolution) throws(LossError) in
      let named = kinds.first { .text($0.name) == value }?.kind
      guard let kind = value == .null ? null : named else {
        throw refusal(name, value, "one of \(list)")
      }
      var reduction = resolution.reduction ?? .mean
      reduction.kind = kind
      resolution.reduction = reduction
    }.setting("reduction")
  }

  /// The class axis option of a framework; 0 is the first axis, -1 the last.
  public static func classAxis(_ name: String = "axis") -> DialectOption {
    DialectOption(name, summary: "the class axis, counted from 0") {
      (value, resolution) throws(LossError) in
      guard let axis = Int(optionValue: value) else { throw axisRefusal(name, value) }
      resolution.classAxis = axis
    }.setting("class_axis")
  }

  /// The class axis, or several, which are joined: a number, a list, or null for all.
  public static let classAxes = DialectOption(
    "axis", summary: "the class axis, counted from 0, a list of axes, or null for all"
  ) { (value, resolution) throws(LossError) in
    if let axis = Int(optionValue: value) {
      resolution.classAxis = axis
    } else if value == .null {
      resolution.joinedAxes = []
    } else if let axes = [Int](optionValue: value), !axes.isEmpty {
      resolution.joinedAxes = axes
    } else {
      throw refusal("axis", value, "an axis, a list of axes, or null")
    }
  }.setting("class_axis")

  /// The error for a value that is no axis.
  static func axisRefusal(_ name: String, _ value: OptionValue) -> LossError {
    var error = refusal(name, value, "an axis")
    if value == .null { error.hint = "To take all axes together flatten the tensors to one." }
    return error
  }

  /// A factor of all terms; nil for a value that is no number.
  public static func factor(
    _ name: String, _ value: OptionValue
  ) throws(LossError) -> Double? {
    guard let factor = Double(optionValue: value) else { return nil }
    guard factor >= 0, factor.isFinite else {
      throw refusal(name, value, "a number of at least zero")
    }
    return factor
  }

  /// The error for a value that an option does not accept.
  public static func refusal(
    _ name: String, _ value: OptionValue, _ expected: String
  ) -> LossError {
    LossError(.invalidOption, subject: name, found: "is \(value.text)", expected: expected)
  }
}
