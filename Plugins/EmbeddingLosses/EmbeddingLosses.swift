public import LossCore

/// The losses of vectors that stand for things: distances and angles between them, and whole
/// batches of them with labels.
public let embeddingLosses = LossPlugin(
  "embedding",
  [
    LossEntry(TripletMarginLoss.self),
    LossEntry(CosineEmbeddingLoss.self),
    LossEntry(HingeEmbeddingLoss.self),
    LossEntry(NTXentLoss.self),
    LossEntry(SupConLoss.self),
    LossEntry(MultiSimilarityLoss.self),
    LossEntry(ArcFaceLoss.self),
    LossEntry(CosFaceLoss.self),
    LossEntry(CircleLoss.self),
    LossEntry(NPairsLoss.self),
    LossEntry(NormalizedSoftmaxLoss.self),
    LossEntry(BarlowTwinsLoss.self),
    LossEntry(VICRegLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(embeddingLosses) }
