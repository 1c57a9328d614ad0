public import LossCore

/// Distance-weighted discrimination: a hinge with a polynomial tail.
///
/// `DWDMarginLoss` of LossFunctions.jl.
public struct DWDMarginLoss: MarginLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Exponent of the tail.
    public var q = 1.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("q", \.q, .above(0), "exponent of the tail")
    ]
  }

  public static let metadata = LossMetadata(
    "dwd_margin", "Distance-weighted discrimination: a hinge with a polynomial tail.",
    formula: """
      z <= q / (q + 1)  :  1 - z               with z = prediction · target
      otherwise         :  (q / (q + 1))^q / (q + 1) / z^q
      """,
    domain: "Every real number; a target of -1 or +1. NaN gives NaN.",
    usage: """
      Linear classifiers on high-dimensional data with few samples, where hinge piles \
      the projections up at the margin: here every example keeps some influence.
      """,
    related: ["hinge", "smoothed_hinge", "modified_huber", "soft_margin"],
    alsoKnownAs: ["dwd", "distance_weighted_discrimination"],
    references: [
      """
      J. S. Marron, M. J. Todd and J. Ahn, Distance-Weighted \
      Discrimination, 2007, doi:10.1198/016214507000001120
      """,
      "B. Wang and H. Zou, Another Look at Distance-Weighted Discrimination, 2018",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] { [.convex, .nonNegative, .lipschitz(1)] }

  @inline(__always)
  public func value<S: LossArithmetic>(_ agreement: S) -> S {
    let (q, kink) = (S(options.q), S(options.q / (options.q + 1)))
    let far = S.pow(kink / S.maximumPropagatingNaN(agreement, kink), q) / (q + 1)
    return S.select(agreement <= kink, 1 - agreement, far)
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ agreement: S) -> S {
    let (q, kink) = (S(options.q), S(options.q / (options.q + 1)))
    return -S.pow(kink / S.maximumPropagatingNaN(agreement, kink), q + 1)
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ agreement: S) -> S {
    let (q, kink) = (S(options.q), S(options.q / (options.q + 1)))
    let far = (q + 1) / agreement * S.pow(kink / S.maximumPropagatingNaN(agreement, kink), q + 1)
    return S.select(agreement <= kink, 0, far)
  }
}
