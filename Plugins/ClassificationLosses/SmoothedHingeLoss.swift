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
public struct SmoothedHingeLoss: ElementwiseLoss, TwiceDifferentiable {
  /// The width of the parabola.
  public struct Options: LossOptions {
    /// How far the parabola reaches from the margin.
    public var gamma = 1.0
    /// A parabola down to a score of zero.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("gamma", \.gamma, .above(0), "how far the parabola reaches from the margin")
    ]
  }

  /// The name and the formula.
  public static let card = LossCard(
    "smoothed_hinge", "The hinge with a parabola in place of its corner.",
    formula: """
      z >= 1         :  0                     with z = prediction · target
      1 - gamma < z  :  (1 - z)² / (2 gamma)
      otherwise      :  1 - gamma / 2 - z
      """, domain: "Every score; a target of -1 or +1.",
    references: ["S. Shalev-Shwartz and T. Zhang, Stochastic Dual Coordinate Ascent, 2013"])

  /// The width of the parabola.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.convex, .nonNegative, .lipschitz(1)] }
  /// The hinge whose corner is rounded over this width.
  public init(gamma: Double) {
    var options = Options()
    options.gamma = gamma
    self.init(options: options)
  }
  /// A score and a label.
  @inlinable public var signature: LossSignature { .elementwiseLabels }

  /// The term, without a branch.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let gamma = S(options.gamma)
    let margin = S.positivePart(1 - prediction * target)
    let near = S.smaller(margin, gamma)
    return near * (near / gamma) / 2 + (margin - near)
  }

  /// The slope, clipped.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let share = (1 - prediction * target) / S(options.gamma)
    return (-target * S.clamped(share, 0, 1), 0)
  }

  /// `target² / γ` on the parabola and where it meets the line, 0 elsewhere.
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let gamma = S(options.gamma)
    let margin = 1 - prediction * target
    return S.select(margin > 0 && margin <= gamma, target * target / gamma, 0)
  }
}
