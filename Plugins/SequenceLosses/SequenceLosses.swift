public import LossCore

/// Losses that align a sequence of predictions with a sequence of labels.
public let sequenceLosses = LossPlugin(
  "sequence", [LossEntry(CTCLoss.self), LossEntry(RNNTLoss.self)])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(sequenceLosses) }
