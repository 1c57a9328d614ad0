/// The name of an input of a loss.
public struct Role: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The word, snake_case.
  public let name: String

  /// A role by its word.
  public init(_ name: String) { self.name = name }
  /// A role by its word.
  @inlinable public init(stringLiteral value: String) { name = value }

  /// The word.
  public var description: String { name }

  /// What the model says.
  @inlinable public static var prediction: Role { "prediction" }
  /// What is true.
  @inlinable public static var target: Role { "target" }
  /// How much each term counts; a weight of zero removes its term.
  @inlinable public static var weight: Role { "weight" }
  /// Which terms count: true keeps, false removes.
  @inlinable public static var mask: Role { "mask" }
  /// The first of two things to compare.
  @inlinable public static var first: Role { "first" }
  /// The second of two things to compare.
  @inlinable public static var second: Role { "second" }
  /// The parameters that a penalty holds small.
  @inlinable public static var parameters: Role { "parameters" }
  /// How many time steps of each prediction count.
  @inlinable public static var predictionLengths: Role { "prediction_lengths" }
  /// How many labels of each target count.
  @inlinable public static var targetLengths: Role { "target_lengths" }
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
