public import LossCore

/// A loss of two views of the same samples, with one term for the whole batch.
public protocol TwoViewLoss: BatchLoss {}

extension TwoViewLoss {
  public var properties: [LossProperty] { [.batchDependent, .nonNegative, .symmetric] }
  public var signature: LossSignature { .twoViews }
}

extension LossSignature {
  fileprivate static let twoViews = LossSignature(
    .real(.prediction, "sample feature"), .real(.target, "sample feature"), terms: "")
}
