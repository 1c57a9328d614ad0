public import LossCore
import LossDialects

/// Squared error near the target, absolute error beyond, with a slope that reaches 1.
///
/// With residual `r = prediction - target`:
///
///     |r| <= β :  r² / (2 β)
///     |r| >  β :  |r| - β / 2
///
/// It is the Huber loss of `delta` β, divided by β. With β of 0 it is `|r|`.
///
/// - Shape: prediction and target `[...]`, equal; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `r / β` clipped to -1 ... 1, continuous at the knee; with β of 0 the sign of `r`, 0
///   where the two are equal.
/// - Reference: R. Girshick, "Fast R-CNN", 2015, arXiv:1504.08083.
public struct SmoothL1Loss: DistanceLoss, TwiceDifferentiableDistance {
  /// Where the loss turns.
  public struct Options: LossOptions {
    /// The distance at which the loss turns from squared to absolute; 0 for absolute everywhere.
    public var beta = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("beta", \.beta, .atLeast(0), "where the loss turns from squared to absolute")
    ]
  }

  public static let metadata = LossMetadata(
    "smooth_l1", "Squared error near the target, absolute error beyond, with a slope up to 1.",
    formula: """
      |r| <= beta :  r² / (2 beta)     with r = prediction - target
      |r| >  beta :  |r| - beta / 2
      """,
    domain: "Every real number. With beta of 0 it is |r|, whose gradient is 0 at 0.",
    references: ["R. Girshick, Fast R-CNN, 2015"],
    dialectEntries: [
      .torch("smooth_l1_loss", class: "SmoothL1Loss", options: [.same("beta")]),
      .mlx("smooth_l1_loss", reduction: .mean, options: [.same("beta")]),
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  /// Walks the elements, with the absolute error where there is no knee.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    if S(options.beta) == 0 {
      try MeanAbsoluteErrorLoss().evaluateTerms(pass)
    } else {
      try evaluateTerms(pass)
    }
  }

  /// The term, without a branch; for a knee above 0.
  @inline(__always)
  public func value<S: LossScalar>(_ residual: S) -> S {
    let beta = S(options.beta)
    let distance = residual.magnitude
    let near = S.minimumPropagatingNaN(distance, beta)
    return near * (near / beta) / 2 + (distance - near)
  }

  /// The residual in units of the knee, clipped.
  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    S.clamped(residual / S(options.beta), -1, 1)
  }

  /// 1 / β up to the knee, 0 beyond it.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    let beta = S(options.beta)
    return S.select(residual.magnitude <= beta, 1 / beta, 0)
  }
}
