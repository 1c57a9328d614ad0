public import LossCore

/// Losses for image segmentation.
public let segmentationLosses = LossPlugin(
  "segmentation",
  [
    LossEntry(DiceLoss.self),
    LossEntry(JaccardLoss.self),
    LossEntry(TverskyLoss.self),
    LossEntry(FocalTverskyLoss.self),
    LossEntry(GeneralizedDiceLoss.self),
    LossEntry(LovaszHingeLoss.self),
    LossEntry(LovaszSoftmaxLoss.self),
    LossEntry(MatthewsLoss.self),
    LossEntry(BoundaryLoss.self),
    LossEntry(HausdorffDistanceLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = {
  LossPlugin.export(segmentationLosses)
}
