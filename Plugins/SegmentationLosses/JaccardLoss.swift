public import LossCore
import LossDialects

/// One minus the overlap of prediction and target, relative to what they cover together.
///
///     1 - (Σ t p + s) / (Σ t + Σ p - Σ t p + s)            over a region
///     1 - (Σ t p + s) / (Σ t² + Σ p² - Σ t p + s)          with `squared`
///
/// Also called the soft intersection over union.
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A region that is empty in both, without
///   smoothing, has no overlap to lack: 0.
/// - Gradient: `((Σ t p + s) (1 - t) / D - t) / D` with the denominator `D`; 0 where `D` is 0, and in a
///   region without target that does not count.
/// - Reference: P. Jaccard, "The Distribution of the Flora in the Alpine Zone", 1912; M. A. Rahman,
///   Y. Wang, "Optimizing Intersection-over-Union in Deep Neural Networks", 2016.
public struct JaccardLoss: RegionFormLoss {
  /// What the sizes are and what is one region.
  public struct Options: RegionOptions {
    /// What is added above and below.
    public var smooth = 1.0
    /// Whether the sizes are sums of squares.
    public var squared = false
    /// What a region costs in which nothing is true.
    public var absent = AbsentClassPolicy.include
    /// How a prediction becomes a probability.
    public var activation = Activation.identity
    /// What is one region, and so what a term is.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .flag("squared", \.squared, "whether the sizes are sums of squares"),
      .choice("absent", \.absent, "what a region costs in which nothing is true"),
      .activation, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "jaccard", "One minus the overlap, relative to what prediction and target cover together.",
    formula: "1 - (Σ t p + smooth) / (Σ t + Σ p - Σ t p + smooth)",
    domain: "Probabilities from 0 to 1, or logits. A region that is empty in both gives 0.",
    references: [
      "P. Jaccard, The Distribution of the Flora in the Alpine Zone, 1912",
      "M. A. Rahman, Y. Wang, Optimizing Intersection-over-Union in Deep Neural Networks, 2016",
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isPlain = options.activation == .identity && options.absent == .include
    return [.range(0...1)] + (isPlain ? [.symmetric] : [])
      + (isPlain && options.squared ? [.zeroAtTarget] : [])
  }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    try OverlapMeasure.jaccard(JaccardMeasure(options)).evaluateTerms(
      pass, region, options.activation, squared: options.squared)
  }
}

/// What the union has beside the overlap, relative to it.
struct JaccardMeasure: Sendable {
  let smooth: Double
  let includesAbsent: Bool

  init(_ options: JaccardLoss.Options) {
    smooth = options.smooth
    includesAbsent = options.absent == .include
  }

  /// The difference is taken before the division, where nothing cancels.
  func value(_ sums: SIMD4<Double>) -> Double {
    let size = size(sums)
    return size == 0 ? 0 : (sums[1] + sums[2] - 2 * sums[0]) / size
  }

  func derivative(_ sums: SIMD4<Double>) -> SIMD4<Double> {
    let size = size(sums)
    guard size != 0 else { return .zero }
    let relative = (sums[0] + smooth) / size / size
    return SIMD4(-1 / size - relative, relative, relative, 0)
  }

  /// The denominator; 0 for a region that costs nothing.
  func size(_ sums: SIMD4<Double>) -> Double {
    guard includesAbsent || sums[1] != 0 else { return 0 }
    return sums[1] + sums[2] - sums[0] + smooth
  }
}
