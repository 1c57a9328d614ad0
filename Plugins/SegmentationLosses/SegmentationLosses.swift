public import LossCore

/// The losses that compare regions of an image.
public let segmentationLosses = LossPlugin(
  "segmentation",
  [
    LossEntry(DiceLoss.self),
    LossEntry(TverskyLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = {
  LossPlugin.export(segmentationLosses)
}
