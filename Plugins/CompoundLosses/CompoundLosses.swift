public import LossCore

/// The losses that add losses of other families, under the names that others gave the sums.
public let compoundLosses = LossPlugin(
  "compound",
  [
    LossEntry(DiceCrossEntropyLoss.self),
    LossEntry(DiceFocalLoss.self),
    LossEntry(GeneralizedDiceFocalLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(compoundLosses) }
