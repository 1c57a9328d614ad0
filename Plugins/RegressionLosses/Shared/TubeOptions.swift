public import LossCore

/// The tube around the target inside which a loss is 0.
public struct TubeOptions: LossOptions {
  /// The half-width of the tube.
  public var epsilon = 0.1
  /// A half-width of 0.1.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .number("epsilon", \.epsilon, .atLeast(0), "the half-width of the tube that costs nothing")
  ]
}
