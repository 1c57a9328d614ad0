public import LossCore

/// The losses that compare what a model says about classes with the class that is true.
public let classificationLosses = LossPlugin(
  "classification",
  [
    LossEntry(CrossEntropyLoss.self),
    LossEntry(LinearCrossEntropyLoss.self),
    LossEntry(BinaryCrossEntropyLoss.self),
    LossEntry(KLDivergenceLoss.self),
    LossEntry(HingeLoss.self),
    LossEntry(SquaredHingeLoss.self),
    LossEntry(CategoricalHingeLoss.self),
    LossEntry(SoftMarginLoss.self),
    LossEntry(FocalLoss.self),
    LossEntry(BinaryFocalLoss.self),
    LossEntry(LabelSmoothing.self),
    LossEntry(Softmax.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = {
  LossPlugin.export(classificationLosses)
}
