public import LossCore

/// What a framework does with its terms before its reduction.
public enum TermStage: Sendable {
  /// Nothing: a term an element, or a term a row.
  case asTheyAre
  /// The mean over the last axis.
  case meanOfLastAxis
  /// The sum over the first axis.
  case sumOfFirstAxis

  var first: Reduction.First? {
    switch self {
    case .asTheyAre: nil
    case .meanOfLastAxis: Reduction.First(averages: true, axes: [-1])
    case .sumOfFirstAxis: Reduction.First(averages: false, axes: [0])
    }
  }
}

extension DialectOption {
  /// The framework's words for how the terms become the result.
  ///
  /// - Parameters:
  ///   - words: the framework's words and what each one is of ours.
  ///   - name: the framework's name for the option.
  ///   - null: what no value stands for, Python's `None`; nil where the framework refuses it.
  public static func reduction(
    _ words: KeyValuePairs<String, Reduction.Kind>, named name: String = "reduction",
    null: Reduction.Kind? = nil
  ) -> DialectOption {
    // A pair is an array here, since `KeyValuePairs` is no value that a closure may share.
    let kinds = words.map { (word: $0.key, kind: $0.value) }
    let list = (kinds.map(\.word) + (null == nil ? [] : ["null"])).joined(separator: ", ")
    return DialectOption(name, summary: list) { (value, selection) throws(LossError) in
      let named = kinds.first { .text($0.word) == value }?.kind
      guard let kind = value == .null ? null : named else {
        throw refusal(name, value, "one of \(list)")
      }
      var reduction = selection.reduction ?? .mean
      reduction.kind = kind
      selection.reduction = reduction
    }
  }

  /// The class axis under the framework's name for it; 0 is the first, -1 the last.
  public static func classAxis(_ name: String = "axis") -> DialectOption {
    DialectOption(name, summary: "the class axis, 0 is the first") {
      (value, selection) throws(LossError) in
      guard let axis = Int(optionValue: value) else { throw refusal(name, value, "one axis") }
      selection.classAxis = axis
    }
  }

  /// What an option may not be.
  public static func refusal(
    _ name: String, _ value: OptionValue, _ expected: String
  ) -> LossError {
    LossError(.invalidOption, subject: name, found: "is \(value.text)", expected: expected)
  }
}
