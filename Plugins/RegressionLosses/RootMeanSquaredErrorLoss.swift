public import LossCore

/// Root mean squared error over a region.
public struct RootMeanSquaredErrorLoss: RegionLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// The elements that form one region, and thus one term.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("per", \.per, "the elements that form one region, and thus one term")
    ]
  }

  public static let metadata = LossMetadata(
    "root_mean_squared_error", "Root mean squared error over a region.",
    formula: "√( Σ (prediction - target)² / n )",
    domain: """
      Every real number; NaN gives NaN. An empty region gives 0. If squares overflow, the region \
      is rescaled and summed again; squares that underflow count as 0.
      """,
    gradient: "0 where the value is 0, the centre of the subgradients.",
    usage: """
      An error measure in the units of the target. For training on single elements use \
      mean_squared_error, whose gradient has no singularity at 0.
      """,
    related: ["mean_squared_error", "mean_absolute_error"],
    alsoKnownAs: ["rmse"])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  public var region: RegionScope { options.per }

  /// A power of 2 that scales the inputs, so that squares of large residuals stay finite.
  private var scale = 1.0

  /// One sum: the squared residuals.
  public static var sumCount: Int { 1 }

  /// The scale at which the sum of all squares stays finite, and no smaller, so that residuals
  /// far below the largest do not underflow.
  public func scaledDown<S: LossScalar>(for type: S.Type) -> Self? {
    let half = Int(S.greatestFiniteMagnitude.exponent) / 2
    var scaled = self
    scaled.scale = Double(sign: .plus, exponent: -half - 16, significand: 1)
    return scaled
  }

  @inline(__always)
  private func residual<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    prediction * S(scale) - target * S(scale)
  }

  /// The squared residual.
  @inline(__always)
  public func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let residual = residual(prediction, target)
    return (residual * residual, 0, 0, 0)
  }

  /// The derivatives with respect to prediction and target.
  @inline(__always)
  public func gradient<S: LossScalar>(
    _ prediction: S, _ target: S, _ derivatives: (S, S, S, S)
  ) -> (S, S) {
    let derivative = 2 * residual(prediction, target) * derivatives.0
    return (derivative, -derivative)
  }

  public func value(_ sums: SIMD4<Double>, count: Double) -> Double { root(sums, count) / scale }

  // Without the scale, which `gradient` would divide out again.
  public func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let root = root(sums, count)
    return SIMD4(root == 0 ? 0 : 1 / (2 * count * root), 0, 0, 0)
  }

  private func root(_ sums: SIMD4<Double>, _ count: Double) -> Double {
    count == 0 ? 0 : (sums[0] / count).squareRoot()
  }
}
