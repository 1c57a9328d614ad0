/// The losses of the core itself: those that are made of other losses.
public let coreLosses = LossPlugin(
  "core",
  [
    LossEntry(SumLoss.self, make: SumLoss.make),
    LossEntry(DeepSupervisionLoss.self, make: DeepSupervisionLoss.make),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(coreLosses) }
