public import LossCore

/// The losses that compare pairs, and those that put the items of a list in order.
public let rankingLosses = LossPlugin(
  "ranking",
  [
    LossEntry(MarginRankingLoss.self),
    LossEntry(SiameseContrastiveLoss.self),
    LossEntry(RankNetLoss.self),
    LossEntry(PairwiseHingeLoss.self),
    LossEntry(RankingSoftmaxLoss.self),
    LossEntry(ListMLELoss.self),
    LossEntry(LambdaLoss.self),
    LossEntry(ApproxNDCGLoss.self),
    LossEntry(NeuralNDCGLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(rankingLosses) }
