public import LossCore

/// Smoothed hinge: quadratic over a width gamma below the margin, then linear.
///
/// `SmoothedL1HingeLoss` of LossFunctions.jl.
public struct SmoothedHingeLoss: MarginLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Width of the quadratic part.
    public var gamma = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "width of the quadratic part")
    ]
  }

  public static let metadata = LossMetadata(
    "smoothed_hinge", "Smoothed hinge: quadratic over a width gamma below the margin, then linear.",
    formula: """
      z >= 1         :  0                     with z = prediction · target
      1 - gamma < z  :  (1 - z)² / (2 gamma)
      otherwise      :  1 - gamma / 2 - z
      """,
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Linear classifiers with solvers that need a smooth loss, such \
      as SDCA or L-BFGS. It tends to hinge as gamma tends to 0.
      """,
    related: ["hinge", "squared_hinge", "modified_huber"], alsoKnownAs: ["smoothed_l1_hinge"],
    references: [
      """
      S. Shalev-Shwartz and T. Zhang, Stochastic Dual Coordinate Ascent \
      Methods for Regularized Loss Minimization, 2013, arXiv:1209.1873
      """
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    let gamma = S(options.gamma)
    let violation = S.relu(1 - agreement)
    let near = S.minimumPropagatingNaN(violation, gamma)
    return near * (near / gamma) / 2 + (violation - near)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    -S.clamped((1 - agreement) / S(options.gamma), 0, 1)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    // Not by 1 - agreement, which rounds to gamma just below 1 - gamma.
    S.select(agreement >= S(1 - options.gamma) && agreement < 1, 1 / S(options.gamma), 0)
  }
}
