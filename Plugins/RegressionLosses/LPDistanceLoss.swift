public import LossCore

/// Absolute residual raised to the power p.
public struct LPDistanceLoss: DistanceLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Exponent of the absolute residual.
    public var p = 2.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("p", \.p, .above(0), "exponent of the absolute residual")
    ]
  }

  public static let metadata = LossMetadata(
    "lp_distance", "Absolute residual raised to the power p.",
    formula: "|prediction - target|^p",
    domain: "Every real number; NaN gives NaN.",
    gradient: "0 at equality, also for p < 1, where the one-sided derivatives are infinite.",
    usage: """
      A family with mean_absolute_error at p = 1 and mean_squared_error at p = 2. A p above 2 \
      emphasises the largest errors; below 1 it is robust but not convex.
      """,
    related: ["mean_absolute_error", "mean_squared_error", "huber"],
    alsoKnownAs: ["lp"],
    references: [
      "LossFunctions.jl, LPDistLoss",
      "A.-M. Legendre, Nouvelles méthodes pour la détermination des orbites des "
        + "comètes, 1805 (p = 2)",
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.nonNegative, .symmetric, .zeroAtTarget]
      + (options.p >= 1 ? [.convex] : [])
      + (options.p == 1 ? [.lipschitz(1)] : [])
      + (options.p >= 2 ? [.twiceDifferentiable] : [])
  }

  @inline(__always)
  public func value<S: LossArithmetic>(_ residual: S) -> S {
    S.pow(residual.magnitude, S(options.p))
  }

  @inline(__always)
  public func derivative<S: LossScalar>(_ residual: S) -> S {
    let slope = S(options.p) * S.pow(residual.magnitude, S(options.p - 1))
    return S.select(residual < 0, -slope, S.select(residual > 0, slope, residual))
  }

  @inline(__always)
  public func secondDerivative<S: LossScalar>(_ residual: S) -> S {
    // At equality the formula is infinite or NaN for p below 2.
    let p = options.p
    let distance = residual.magnitude
    let second = S(p * (p - 1)) * S.pow(distance, S(p - 2))
    return S.select(distance == 0, p == 2 ? 2 : 0, second)
  }
}
