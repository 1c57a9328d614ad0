public import LossCore

/// Classification losses: logits, probabilities or scores against class labels.
public let classificationLosses = LossPlugin(
  "classification",
  [
    LossEntry(CrossEntropyLoss.self),
    LossEntry(LinearCrossEntropyLoss.self),
    LossEntry(NLLLoss.self),
    LossEntry(PolyCrossEntropyLoss.self),
    LossEntry(GeneralizedCrossEntropyLoss.self),
    LossEntry(SparsemaxLoss.self),
    LossEntry(FenchelYoungLoss.self),
    LossEntry(BinaryCrossEntropyLoss.self),
    LossEntry(KLDivergenceLoss.self),
    LossEntry(GeneralizedKLDivergenceLoss.self),
    LossEntry(JensenShannonLoss.self),
    LossEntry(TotalVariationLoss.self),
    LossEntry(HingeLoss.self),
    LossEntry(SquaredHingeLoss.self),
    LossEntry(SmoothedHingeLoss.self),
    LossEntry(ModifiedHuberLoss.self),
    LossEntry(PerceptronLoss.self),
    LossEntry(ExponentialLoss.self),
    LossEntry(SigmoidMarginLoss.self),
    LossEntry(L2MarginLoss.self),
    LossEntry(DWDMarginLoss.self),
    LossEntry(BinarySparsemaxLoss.self),
    LossEntry(ZeroOneLoss.self),
    LossEntry(CategoricalHingeLoss.self),
    LossEntry(MultiMarginLoss.self),
    LossEntry(MultilabelMarginLoss.self),
    LossEntry(MulticlassPerceptronLoss.self),
    LossEntry(SoftMarginLoss.self),
    LossEntry(MultilabelSoftMarginLoss.self),
    LossEntry(FocalLoss.self),
    LossEntry(BinaryFocalLoss.self),
    LossEntry(ZLoss.self),
    LossEntry(LabelSmoothing.self),
    LossEntry(Softmax.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = {
  LossPlugin.export(classificationLosses)
}
