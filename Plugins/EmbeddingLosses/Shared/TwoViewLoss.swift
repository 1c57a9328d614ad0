public import LossCore

/// A loss of two views of the same samples, which are one term together.
public protocol TwoViewLoss: BatchLoss {}

extension TwoViewLoss {
  /// The features of all samples count together, and the views may change places.
  public var properties: [LossProperty] { [.batchDependent, .nonNegative, .symmetric] }
  /// Two views.
  public var signature: LossSignature { .twoViews }
}

extension LossSignature {
  fileprivate static let twoViews = LossSignature(
    .real(.prediction, "sample feature"), .real(.target, "sample feature"), terms: "")
}
