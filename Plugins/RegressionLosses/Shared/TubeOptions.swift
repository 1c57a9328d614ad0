public import LossCore

/// The options of the epsilon-insensitive losses: a tube around the target where the loss is 0.
public struct TubeOptions: LossOptions {
  /// Half-width of the tube around the target in which the loss is 0.
  public var epsilon = 0.1
  /// A tube of half-width 0.1.
  public init() {}
  public static let fields: [OptionField<Self>] = [
    .number(
      "epsilon", \.epsilon, .atLeast(0),
      "half-width of the tube around the target in which the loss is 0")
  ]
}
