public import LossCore

/// Embedding losses: pairs, triplets, labelled batches, class centres and views.
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
    LossEntry(CLIPLoss.self),
    LossEntry(SigLIPLoss.self),
    LossEntry(NormalizedSoftmaxLoss.self),
    LossEntry(BarlowTwinsLoss.self),
    LossEntry(VICRegLoss.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(embeddingLosses) }
