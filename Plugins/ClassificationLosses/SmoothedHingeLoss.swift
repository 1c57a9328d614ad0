public import LossCore

/// The hinge with a parabola in place of its corner.
///
///     z >= 1          :  0                     with z = prediction · target
///     1 - γ < z < 1   :  (1 - z)² / (2 γ)
///     z <= 1 - γ      :  1 - γ / 2 - z
///
/// It is `SmoothedL1HingeLoss` of LossFunctions.jl.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target` times `(1 - z) / γ` clipped to 0 ... 1; continuous.
/// - Reference: S. Shalev-Shwartz and T. Zhang, "Stochastic Dual Coordinate Ascent Methods for Regularized
///   Loss Minimization", 2013, arXiv:1209.1873.
public struct SmoothedHingeLoss: MarginLoss, TwiceDifferentiableMargin {
  /// The width of the parabola.
  public struct Options: LossOptions {
    /// How far the parabola reaches from the margin.
    public var gamma = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "how far the parabola reaches from the margin")
    ]
  }

  public static let metadata = LossMetadata(
    "smoothed_hinge", "The hinge with a parabola in place of its corner.",
    formula: """
      z >= 1         :  0                     with z = prediction · target
      1 - gamma < z  :  (1 - z)² / (2 gamma)
      otherwise      :  1 - gamma / 2 - z
      """, domain: "Every score; a target of -1 or +1.",
    references: ["S. Shalev-Shwartz and T. Zhang, Stochastic Dual Coordinate Ascent, 2013"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  /// The term, without a branch.
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S {
    let gamma = S(options.gamma)
    let margin = S.relu(1 - agreement)
    let near = S.minimumPropagatingNaN(margin, gamma)
    return near * (near / gamma) / 2 + (margin - near)
  }

  /// The slope, clipped.
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    -S.clamped((1 - agreement) / S(options.gamma), 0, 1)
  }

  /// `1 / γ` on the parabola and where it meets the line, 0 elsewhere.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    let gamma = S(options.gamma)
    let margin = 1 - agreement
    return S.select(margin > 0 && margin <= gamma, 1 / gamma, 0)
  }
}
