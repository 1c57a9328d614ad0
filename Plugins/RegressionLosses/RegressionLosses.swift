public import LossCore

/// Regression losses: numbers, counts, boxes, directions; and penalties on parameters.
public let regressionLosses = LossPlugin(
  "regression",
  [
    LossEntry(MeanAbsoluteErrorLoss.self),
    LossEntry(MeanSquaredErrorLoss.self),
    LossEntry(RootMeanSquaredErrorLoss.self),
    LossEntry(MeanSquaredLogarithmicErrorLoss.self),
    LossEntry(HuberLoss.self),
    LossEntry(SmoothL1Loss.self),
    LossEntry(LogCoshLoss.self),
    LossEntry(QuantileLoss.self),
    LossEntry(MultiQuantileLoss.self),
    LossEntry(ExpectileLoss.self),
    LossEntry(MeanAbsolutePercentageErrorLoss.self),
    LossEntry(EpsilonInsensitiveLoss.self),
    LossEntry(SquaredEpsilonInsensitiveLoss.self),
    LossEntry(LPDistanceLoss.self),
    LossEntry(LogitDistanceLoss.self),
    LossEntry(PeriodicLoss.self),
    LossEntry(WingLoss.self),
    LossEntry(GaussianNLLLoss.self),
    LossEntry(PoissonNLLLoss.self),
    LossEntry(GammaDevianceLoss.self),
    LossEntry(TweedieDevianceLoss.self),
    LossEntry(GeneralizedIoULoss.self),
    LossEntry(DistanceIoULoss.self),
    LossEntry(CompleteIoULoss.self),
    LossEntry(CosineSimilarityLoss.self),
    LossEntry(CosineDistanceLoss.self),
    LossEntry(L1Penalty.self),
    LossEntry(L2Penalty.self),
  ])

@section("loss_plugins") @used
private let record: @convention(c) () -> UnsafeRawPointer = { LossPlugin.export(regressionLosses) }
