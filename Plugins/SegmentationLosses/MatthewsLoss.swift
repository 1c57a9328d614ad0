public import LossCore
import LossDialects

/// 1 − Matthews correlation coefficient.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
public struct MatthewsLoss: RegionFormLoss {
  /// Options of the loss.
  public struct Options: RegionOptions {
    /// Constant added to each of the four sums.
    public var smooth = 1e-5
    /// Activation that turns predictions into probabilities.
    public var activation = Activation.identity
    /// Whether prediction holds logits, also without an activation.
    public var fromLogits = false
    /// Elements that form a region, and so a term.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("smooth", \.smooth, .atLeast(0), "constant added to each of the four sums"),
      .activation, .fromLogits, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "mcc", "1 − Matthews correlation coefficient.",
    formula: """
      1 - (TP TN - FP FN) / √((TP + FP) (TP + FN) (TN + FP) (TN + FN))
      TP = Σ t p,  TN = Σ (1 - t) (1 - p),  FP = Σ (1 - t) p,  FN = Σ t (1 - p),  each plus smooth
      """,
    domain: """
      Probabilities and targets from 0 to 1, or logits. Where the root \
      is 0, as for a constant target without smoothing, the loss is 1.
      """,
    gradient: "0 where the root is 0.",
    usage: """
      Unbalanced segmentation in which true negatives count as well; dice and jaccard ignore them.
      """,
    related: ["dice", "jaccard", "tversky"], alsoKnownAs: ["matthews", "matthews_correlation"],
    references: [
      """
      B. W. Matthews, Comparison of the Predicted and \
      Observed Secondary Structure of T4 Phage Lysozyme, 1975
      """,
      """
      K. Abhishek and G. Hamarneh, Matthews Correlation \
      Coefficient Loss for Deep Convolutional Networks, 2021
      """,
    ],
    dialectEntries: [
      .smp("MCCLoss", options: [.same("eps", as: "smooth")]).preparing(.maskOfOneClass)
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...2)] + (options.readsProbabilities ? [.symmetric] : [])
  }

  public var rolesWithHessianVectorProduct: [Role] { differentiableRoles }

  public func run<S: LossScalar>(_ context: borrowing KernelContext<S>) throws(LossError) {
    try options.activation(classCount: context.rows.length).evaluateTerms(
      context, region, Matthews<Identity>(options.smooth), Matthews<Sigmoid>(options.smooth))
  }
}

/// The formula, for one activation.
struct Matthews<Reading: ElementActivation>: SmoothRegionFormula {
  let smooth: Double

  init(_ smooth: Double) { self.smooth = smooth }

  /// True and false positives, false and true negatives.
  static var sumCount: Int { 4 }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let (p, q) = (Reading.probability(prediction), Reading.complement(prediction))
    return (target * p, (1 - target) * p, target * q, (1 - target) * q)
  }

  @inline(__always)
  func gradient<N: LossArithmetic>(_ prediction: N, _ target: N, _ derivatives: (N, N, N, N)) -> (
    N, N
  ) {
    let (p, q) = (Reading.probability(prediction), Reading.complement(prediction))
    let (positives, negatives) = (derivatives.0 - derivatives.2, derivatives.1 - derivatives.3)
    return (
      Reading.derivative(prediction) * (target * positives + (1 - target) * negatives),
      p * (derivatives.0 - derivatives.1) + q * (derivatives.2 - derivatives.3)
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    let sums = sums + smooth
    let parts = MatthewsParts((sums[0], sums[1], sums[2], sums[3]))
    return parts.root == 0 ? 1 : 1 - parts.correlation
  }

  func derivative<N: LossArithmetic>(_ sums: (N, N, N, N), count: Double) -> (N, N, N, N) {
    let smooth = N(smooth)
    let sums = (sums.0 + smooth, sums.1 + smooth, sums.2 + smooth, sums.3 + smooth)
    let parts = MatthewsParts(sums)
    guard parts.root != 0 else { return (0, 0, 0, 0) }
    // The sum of 1 / pair over the pairs that contain each sum.
    let (a, b, c, d) = parts.pairs
    let (half, root) = (parts.correlation / 2, parts.root)
    return (
      (1 / a + 1 / b) * half - sums.3 / root, (1 / a + 1 / c) * half + sums.2 / root,
      (1 / b + 1 / d) * half + sums.1 / root, (1 / c + 1 / d) * half - sums.0 / root
    )
  }
}

/// The intermediate results of value and derivative.
private struct MatthewsParts<N: LossArithmetic> {
  /// TP + FP, TP + FN, TN + FP, TN + FN.
  let pairs: (N, N, N, N)
  let root: N
  let correlation: N

  init(_ sums: (N, N, N, N)) {
    pairs = (sums.0 + sums.1, sums.0 + sums.2, sums.3 + sums.1, sums.3 + sums.2)
    root = (pairs.0 * pairs.3).squareRoot() * (pairs.1 * pairs.2).squareRoot()
    correlation = (sums.0 * sums.3 - sums.1 * sums.2) / root
  }
}
