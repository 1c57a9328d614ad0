/// The name of an input of a loss.
public struct Role: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The word, snake_case.
  public let name: String

  /// A role by its word.
  public init(_ name: String) { self.name = name }
  /// A role by its word.
  public init(stringLiteral value: String) { name = value }

  /// The word.
  public var description: String { name }

  /// What the model says.
  public static let prediction: Role = "prediction"
  /// What is true.
  public static let target: Role = "target"
  /// How much each term counts; a weight of zero removes its term.
  public static let weight: Role = "weight"
  /// Which terms count: true keeps, false removes.
  public static let mask: Role = "mask"
  /// The first of two things to compare.
  public static let first: Role = "first"
  /// The second of two things to compare.
  public static let second: Role = "second"
  /// The parameters that a penalty holds small.
  public static let parameters: Role = "parameters"
  /// How many time steps of each prediction count.
  public static let predictionLengths: Role = "prediction_lengths"
  /// How many labels of each target count.
  public static let targetLengths: Role = "target_lengths"
}

extension Role: OptionConvertible {
  /// A word, or nil.
  public init?(optionValue: OptionValue) {
    guard case .text(let word) = optionValue else { return nil }
    self.init(word)
  }
  /// The word.
  public var optionValue: OptionValue { .text(name) }
}
