public import LossCore

/// The losses that combine other losses.
public let composedLosses = LossPlugin(
  "composition",
  [
    LossEntry(SumLoss.self, make: SumLoss.make),
    LossEntry(DeepSupervisionLoss.self, make: DeepSupervisionLoss.make),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(composedLosses) }
