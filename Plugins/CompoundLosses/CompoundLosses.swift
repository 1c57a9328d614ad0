public import LossCore

/// Weighted sums of losses of other families, under their established names.
public let compoundLosses = LossPlugin(
  "compound",
  [
    LossEntry(DiceCrossEntropyLoss.self),
    LossEntry(DiceFocalLoss.self),
    LossEntry(GeneralizedDiceFocalLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(compoundLosses) }
