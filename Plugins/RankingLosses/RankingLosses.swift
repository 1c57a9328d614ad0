public import LossCore

/// Ranking losses: pairs, and lists of items with relevances.
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
