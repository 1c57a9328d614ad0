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
public struct DWDMarginLoss: MarginLoss, TwiceDifferentiableMargin {
  /// How fast the tail falls.
  public struct Options: LossOptions {
    /// The power with which the tail falls.
    public var q = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("q", \.q, .above(0), "the power with which the tail falls")
    ]
  }

  public static let metadata = LossMetadata(
    "dwd_margin", "The hinge with a tail that never ends: distance weighted discrimination.",
    formula: """
      z <= q / (q + 1)  :  1 - z               with z = prediction · target
      otherwise         :  (q / (q + 1))^q / (q + 1) / z^q
      """, domain: "Every score; a target of -1 or +1.",
    references: ["J. S. Marron et al., Distance-Weighted Discrimination, 2007"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  /// The line, or the tail beyond the knee.
  @inline(__always)
  public func value<S: LossScalar>(_ agreement: S) -> S {
    let (q, knee) = (S(options.q), S(options.q / (options.q + 1)))
    let far = S.pow(knee / S.maximumPropagatingNaN(agreement, knee), q) / (q + 1)
    return S.select(agreement <= knee, 1 - agreement, far)
  }

  /// -1 on the line, the slope of the tail beyond the knee.
  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    let (q, knee) = (S(options.q), S(options.q / (options.q + 1)))
    return -S.pow(knee / S.maximumPropagatingNaN(agreement, knee), q + 1)
  }

  /// 0 on the line and at the knee, `-(q + 1) / z` times the slope beyond it.
  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    let (q, knee) = (S(options.q), S(options.q / (options.q + 1)))
    let far = (q + 1) / agreement * S.pow(knee / S.maximumPropagatingNaN(agreement, knee), q + 1)
    return S.select(agreement <= knee, 0, far)
  }
}
