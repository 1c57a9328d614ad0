public import LossCore

/// The square root of the mean squared difference, over a region.
///
///     √( Σ (prediction - target)² / n )
///
/// - Shape: prediction and target `[..., class]`, equal; one term a region, as `per` says.
/// - Domain: every real number whose square is in the range of the element; NaN gives NaN; an empty
///   region gives 0.
/// - Gradient: `(prediction - target) / (n · value)`; 0 where the value is 0, the middle of the
///   subgradients.
public struct RootMeanSquaredErrorLoss: RegionLoss {
  /// What is one region.
  public struct Options: LossOptions {
    /// What is one region, and so what a term is.
    public var per = Region.all
    /// One region of all elements.
    public init() {}
    /// The options, described.
    public static let fields: [OptionField<Self>] = [
      .choice("per", \.per, "what is one region, and so what a term is")
    ]
  }

  /// The name and the formula.
  public static let card = LossCard(
    "root_mean_squared_error", "The square root of the mean squared difference, over a region.",
    formula: "√( Σ (prediction - target)² / n )",
    domain: "Every real number. The gradient is 0 where the value is 0.")

  /// What is one region.
  public let options: Options
  /// The loss.
  public init(options: Options) { self.options = options }
  /// What it claims.
  public var traits: [LossTrait] {
    [.convex, .nonNegative, .symmetric, .zeroAtTarget, .lipschitz(1)]
  }
  /// The loss over these regions.
  public init(per region: Region) {
    var options = Options()
    options.per = region
    self.init(options: options)
  }

  /// What is one region.
  public var region: Region { options.per }
  /// The sum of squares.
  @inlinable public static var sumCount: Int { 1 }

  /// The squared difference.
  @inlinable @inline(__always)
  public func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let residual = prediction - target
    return (residual * residual, 0, 0, 0)
  }

  /// The derivative through the squared difference.
  @inlinable @inline(__always)
  public func gradient<S: LossScalar>(
    _ prediction: S, _ target: S, _ slopes: (S, S, S, S)
  ) -> (S, S) {
    let slope = 2 * (prediction - target) * slopes.0
    return (slope, -slope)
  }

  /// The root of the mean.
  public func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    count == 0 ? 0 : (sums[0] / count).squareRoot()
  }

  /// The derivative of the root of the mean.
  public func slope(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let value = value(sums, count: count)
    return SIMD4(value == 0 ? 0 : 1 / (2 * count * value), 0, 0, 0)
  }
}
