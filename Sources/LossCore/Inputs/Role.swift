/// The name of an input of a loss.
public struct Role: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name in snake_case.
  public let name: String

  /// A role by its name.
  public init(_ name: String) { self.name = name }
  /// A role by its name.
  @inlinable public init(stringLiteral value: String) { name = value }

  public var description: String { name }

  /// The predictions of the model.
  @inlinable public static var prediction: Role { "prediction" }
  /// The targets, or labels.
  @inlinable public static var target: Role { "target" }
  /// The weight of each term; a weight of zero removes the term.
  @inlinable public static var weight: Role { "weight" }
  /// Another name of `weight` for a loss selected by name, also where a framework's `weight` is
  /// another thing.
  @inlinable public static var sampleWeight: Role { "sample_weight" }
  /// The mask of the terms: true keeps a term, false removes it.
  @inlinable public static var mask: Role { "mask" }
  /// The first of two inputs to compare.
  @inlinable public static var first: Role { "first" }
  /// The second of two inputs to compare.
  @inlinable public static var second: Role { "second" }
  /// The parameters that a regularizer penalizes.
  @inlinable public static var parameters: Role { "parameters" }
  /// The number of time steps of each prediction, without padding.
  @inlinable public static var predictionLengths: Role { "prediction_lengths" }
  /// The number of labels of each target, without padding.
  @inlinable public static var targetLengths: Role { "target_lengths" }
}

extension Role: OptionConvertible {
  public init?(optionValue: OptionValue) {
    guard case .text(let name) = optionValue else { return nil }
    self.init(name)
  }
  public var optionValue: OptionValue { .text(name) }
}
