public import LossCore

/// The losses that compare pairs: scores with scores, and distances with labels.
public let rankingLosses = LossPlugin(
  "ranking",
  [
    LossEntry(MarginRankingLoss.self),
    LossEntry(SiameseContrastiveLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(rankingLosses) }
