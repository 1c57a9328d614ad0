public import LossCore

/// The square root of the mean squared difference, over a region.
///
///     √( Σ (prediction - target)² / n )
///
/// - Shape: prediction and target `[..., class]`, equal; one term a region, as `per` says.
/// - Domain: every real number; NaN gives NaN; an empty region gives 0. Squares beyond the largest
///   number cost a second walk, not the result; those below the smallest are 0.
/// - Gradient: `(prediction - target) / (n · value)`; 0 where the value is 0, the middle of the
///   subgradients.
public struct RootMeanSquaredErrorLoss: RegionLoss {
  /// What is one region.
  public struct Options: LossOptions {
    /// What is one region, and so what a term is.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("per", \.per, "what is one region, and so what a term is")
    ]
  }

  public static let metadata = LossMetadata(
    "root_mean_squared_error", "The square root of the mean squared difference, over a region.",
    formula: "√( Σ (prediction - target)² / n )",
    domain: "Every real number. The gradient is 0 where the value is 0.")

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }

  /// What one region is.
  public var region: RegionScope { options.per }

  /// What every number is multiplied by before anything else: a power of 2.
  private var scale = 1.0

  /// The sum of squares.
  public static var sumCount: Int { 1 }

  /// Far enough down that the squares of all numbers can be added up, and no further, so that what
  /// counts beside the largest is not lost.
  public func scaledDown<S: LossScalar>(for type: S.Type) -> Self? {
    let half = Int(S.greatestFiniteMagnitude.exponent) / 2
    var small = self
    small.scale = Double(sign: .plus, exponent: -half - 16, significand: 1)
    return small
  }

  @inline(__always)
  private func residual<S: LossScalar>(_ prediction: S, _ target: S) -> S {
    prediction * S(scale) - target * S(scale)
  }

  /// The squared difference.
  @inline(__always)
  public func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let residual = residual(prediction, target)
    return (residual * residual, 0, 0, 0)
  }

  /// The derivative through the squared difference.
  @inline(__always)
  public func gradient<S: LossScalar>(
    _ prediction: S, _ target: S, _ derivatives: (S, S, S, S)
  ) -> (S, S) {
    let derivative = 2 * residual(prediction, target) * derivatives.0
    return (derivative, -derivative)
  }

  /// The root of the mean.
  public func value(_ sums: SIMD4<Double>, count: Double) -> Double { root(sums, count) / scale }

  /// The derivative of the root of the mean, without the scale, which `gradient` would take out again.
  public func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let root = root(sums, count)
    return SIMD4(root == 0 ? 0 : 1 / (2 * count * root), 0, 0, 0)
  }

  /// The root of the mean, in the scale.
  private func root(_ sums: SIMD4<Double>, _ count: Double) -> Double {
    count == 0 ? 0 : (sums[0] / count).squareRoot()
  }
}
