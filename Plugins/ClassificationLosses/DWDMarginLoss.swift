public import LossCore

/// The hinge with a tail that never ends: distance weighted discrimination.
///
///     z <= q / (q + 1)  :  1 - z                                with z = prediction · target
///     otherwise         :  (q / (q + 1))^q / (q + 1) / z^q
///
/// It is `DWDMarginLoss` of LossFunctions.jl.
///
/// - Shape: prediction and target `[...]`, equal; target -1 or +1; one term an element.
/// - Domain: every real number; NaN gives NaN.
/// - Gradient: `- target` times 1, beyond the knee `(q / (q + 1) / z)^(q + 1)`; continuous.
/// - Reference: J. S. Marron, M. J. Todd and J. Ahn, "Distance-Weighted Discrimination", 2007,
///   doi:10.1198/016214507000001120; B. Wang and H. Zou, "Another Look at DWD", 2018.
public struct DWDMarginLoss: ElementwiseLoss, TwiceDifferentiable {
  /// How fast the tail falls.
  public struct Options: LossOptions {
    /// The power with which the tail falls.
    public var q = 1.0
    /// A tail that falls like 1 / z.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .number("q", \.q, .above(0), "the power with which the tail falls")
    ]
  }

  /// The name and the formula.
  public static let card = LossCard(
    "dwd_margin", "The hinge with a tail that never ends: distance weighted discrimination.",
    formula: """
      z <= q / (q + 1)  :  1 - z               with z = prediction · target
      otherwise         :  (q / (q + 1))^q / (q + 1) / z^q
      """, domain: "Every score; a target of -1 or +1.",
    references: ["J. S. Marron et al., Distance-Weighted Discrimination, 2007"])

  /// How fast the tail falls.
  public let options: Options
  /// The loss.
  @inlinable public init(options: Options) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] { [.convex, .nonNegative, .lipschitz(1)] }
  /// The loss whose tail falls with this power.
  public init(q: Double) {
    var options = Options()
    options.q = q
    self.init(options: options)
  }
  /// A score and a label.
  @inlinable public var signature: LossSignature { .elementwiseLabels }

  /// The line, or the tail beyond the knee.
  @inlinable @inline(__always)
  public func value<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let (q, knee) = (S(options.q), S(options.q / (options.q + 1)))
    let z = prediction * target
    let far = S.power(knee / S.larger(z, knee), q) / (q + 1)
    return S.select(z <= knee, 1 - z, far)
  }

  /// The derivative with respect to the score.
  @inlinable @inline(__always)
  public func slope<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S) {
    let (q, knee) = (S(options.q), S(options.q / (options.q + 1)))
    let z = prediction * target
    return (-target * S.power(knee / S.larger(z, knee), q + 1), 0)
  }

  /// 0 on the line and at the knee, `target² (q + 1) / z` times the slope beyond it.
  @inlinable @inline(__always)
  public func curvature<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    let (q, knee) = (S(options.q), S(options.q / (options.q + 1)))
    let z = prediction * target
    let far = target * target * (q + 1) / z * S.power(knee / S.larger(z, knee), q + 1)
    return S.select(z <= knee, 0, far)
  }
}
