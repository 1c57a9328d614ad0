import LossFunctions

/// A loss of the residual whose derivatives are off by 10⁻⁹ of their size.
struct SkewedDistance<Base: DistanceLoss>: DistanceLoss {
  static var metadata: LossMetadata { Base.metadata }
  let base: Base
  var options: Base.Options { base.options }
  var signature: LossSignature { base.signature }

  init(options: Base.Options) { base = Base(options: options) }

  func value<N: LossArithmetic>(_ residual: N) -> N { base.value(residual) }
  func derivative<S: LossScalar>(_ residual: S) -> S { base.derivative(residual) * S(1 + 1e-9) }
}

/// A loss of the margin whose derivatives are off by 10⁻⁹ of their size.
struct SkewedMargin<Base: MarginLoss>: MarginLoss {
  static var metadata: LossMetadata { Base.metadata }
  let base: Base
  var options: Base.Options { base.options }
  var signature: LossSignature { base.signature }

  init(options: Base.Options) { base = Base(options: options) }

  func value<N: LossArithmetic>(_ margin: N) -> N { base.value(margin) }
  func derivative<S: LossScalar>(_ margin: S) -> S { base.derivative(margin) * S(1 + 1e-9) }
}

extension MutantCase {
  /// A loss whose derivatives are off by 10⁻⁹ of their size, which difference quotients cannot see.
  static func skewed<Base: DistanceLoss>(_ type: Base.Type) -> MutantCase {
    MutantCase("gradient off by 1e-9", type, .law("derivatives-are-automatic")) {
      (values, _) throws(LossError) in SkewedDistance<Base>(options: try Base.Options(values))
    }
  }

  /// The same for a loss of the margin.
  static func skewed<Base: MarginLoss>(_ type: Base.Type) -> MutantCase {
    MutantCase("gradient off by 1e-9", type, .law("derivatives-are-automatic")) {
      (values, _) throws(LossError) in SkewedMargin<Base>(options: try Base.Options(values))
    }
  }

  static let skewed: [MutantCase] = [
    skewed(MeanSquaredErrorLoss.self), skewed(MeanAbsoluteErrorLoss.self), skewed(HuberLoss.self),
    skewed(SmoothL1Loss.self), skewed(LogCoshLoss.self), skewed(QuantileLoss.self),
    skewed(ExpectileLoss.self), skewed(WingLoss.self), skewed(LPDistanceLoss.self),
    skewed(LogitDistanceLoss.self), skewed(EpsilonInsensitiveLoss.self),
    skewed(SquaredEpsilonInsensitiveLoss.self), skewed(HingeLoss.self),
    skewed(SquaredHingeLoss.self), skewed(SmoothedHingeLoss.self), skewed(ModifiedHuberLoss.self),
    skewed(SoftMarginLoss.self), skewed(ExponentialLoss.self), skewed(SigmoidMarginLoss.self),
    skewed(DWDMarginLoss.self), skewed(L2MarginLoss.self), skewed(PerceptronLoss.self),
  ]
}
