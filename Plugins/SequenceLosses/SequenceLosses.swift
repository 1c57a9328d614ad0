public import LossCore

/// The losses that align a sequence of predictions with a shorter one of labels.
public let sequenceLosses = LossPlugin("sequence", [LossEntry(CTCLoss.self)])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(sequenceLosses) }
