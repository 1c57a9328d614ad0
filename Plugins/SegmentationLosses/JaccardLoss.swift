public import LossCore
import LossDialects

/// 1 − soft intersection over union.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
public struct JaccardLoss: RegionFormLoss {
  /// Options of the loss.
  public struct Options: RegionOptions {
    /// Constant added to the numerator and the denominator.
    public var smooth = 1.0
    /// Whether the denominator has sums of squares.
    public var squared = false
    /// Loss of a region in which nothing is true.
    public var absent = AbsentClassPolicy.include
    /// Activation that turns predictions into probabilities.
    public var activation = Activation.identity
    /// Whether prediction holds logits, also without an activation.
    public var fromLogits = false
    /// Elements that form a region, and so a term.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number(
        "smooth", \.smooth, .atLeast(0), "constant added to the numerator and the denominator"),
      .flag("squared", \.squared, "whether the denominator has sums of squares"),
      .choice("absent", \.absent, "loss of a region in which nothing is true"),
      .activation, .fromLogits, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "jaccard", "1 − soft intersection over union.",
    formula: """
      1 - (Σ t p + smooth) / (Σ t + Σ p - Σ t p + smooth)
      1 - (Σ t p + smooth) / (Σ t² + Σ p² - Σ t p + smooth)    with squared
      """,
    domain: """
      Probabilities and targets from 0 to 1, or logits. A region that is empty in both gives 0.
      """,
    gradient: "0 where the denominator is 0, and where absent is zero and nothing is true.",
    usage: """
      Segmentation that is judged by intersection over union. It orders predictions as dice \
      does and penalises errors more; lovasz_softmax is a surrogate of the discrete IoU.
      """,
    related: ["dice", "lovasz_softmax", "lovasz_hinge", "tversky"],
    alsoKnownAs: ["iou", "soft_iou", "jaccard_index"],
    references: [
      "P. Jaccard, The Distribution of the Flora in the Alpine Zone, 1912",
      """
      M. A. Rahman and Y. Wang, Optimizing Intersection-over-Union \
      in Deep Neural Networks for Image Segmentation, 2016
      """,
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    let isPlain = options.readsProbabilities && options.absent == .include
    return [.range(0...1)] + (isPlain ? [.symmetric] : [])
      + (isPlain && options.squared ? [.zeroAtTarget] : [])
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try OverlapMeasure.jaccard(JaccardMeasure(options)).evaluateTerms(
      context, region, options.activation(classCount: context.rows.length), squared: options.squared
    )
  }
}

/// The Jaccard ratio from the sums of overlap and sizes.
struct JaccardMeasure: Sendable {
  let smooth: Double
  let includesAbsent: Bool

  init(_ options: JaccardLoss.Options) {
    smooth = options.smooth
    includesAbsent = options.absent == .include
  }

  /// Subtracts before it divides, so that nothing cancels.
  func value(_ sums: SIMD4<Double>) -> Double {
    let size = size((sums[0], sums[1], sums[2]))
    return size == 0 ? 0 : (sums[1] + sums[2] - 2 * sums[0]) / size
  }

  func derivative<N: LossArithmetic>(_ sums: (N, N, N)) -> (N, N, N) {
    let size = size(sums)
    guard size != 0 else { return (0, 0, 0) }
    let relative = (sums.0 + N(smooth)) / size / size
    return (-1 / size - relative, relative, relative)
  }

  /// The denominator; 0 for a region whose loss is 0 by `absent`.
  func size<N: LossArithmetic>(_ sums: (N, N, N)) -> N {
    guard includesAbsent || sums.1 != 0 else { return 0 }
    return sums.1 + sums.2 - sums.0 + N(smooth)
  }
}
