public import LossCore
import LossDialects

/// Smooth L1 loss: the Huber loss with delta = beta, divided by beta.
public struct SmoothL1Loss: DistanceLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Distance at which the loss turns from squared to absolute; 0 for absolute everywhere.
    public var beta = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "beta", \.beta, .atLeast(0),
        "distance at which the loss turns from squared to absolute; 0 for absolute everywhere")
    ]
  }

  public static let metadata = LossMetadata(
    "smooth_l1", "Smooth L1 loss: the Huber loss with delta = beta, divided by beta.",
    formula: """
      |r| <= beta :  r² / (2 beta)     with r = prediction - target
      |r| >  beta :  |r| - beta / 2
      """,
    domain: "Every real number; NaN gives NaN. With beta 0 the loss is |r|.",
    gradient: """
      r / beta clipped to [-1, 1], continuous. With beta 0 the sign of r, and 0 at r = 0. The \
      second derivative at |r| = beta is 1 / beta.
      """,
    usage: """
      Bounding-box regression in object detectors. Far from the target its slope is 1 for every \
      beta, whereas that of huber is delta.
      """,
    related: ["huber", "mean_absolute_error", "log_cosh", "giou"],
    references: ["R. Girshick, Fast R-CNN, 2015, arXiv:1504.08083"],
    dialectEntries: [
      .torch("smooth_l1_loss", class: "SmoothL1Loss", options: [.same("beta")]),
      .mlx("smooth_l1_loss", reduction: .mean, options: [.same("beta")]),
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    if S(options.beta) == 0 {
      try MeanAbsoluteErrorLoss().evaluateTerms(context)
    } else {
      try evaluateTerms(context)
    }
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    let beta = S(options.beta)
    let distance = residual.magnitude
    let near = S.minimumPropagatingNaN(distance, beta)
    return near * (near / beta) / 2 + (distance - near)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    S.clamped(residual / S(options.beta), -1, 1)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    let beta = S(options.beta)
    return S.select(residual.magnitude <= beta, 1 / beta, 0)
  }
}
