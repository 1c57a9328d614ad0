public import LossCore
import LossDialects

/// One minus the correlation of prediction and target, which counts true negatives as well.
///
/// With `TP = Σ t p`, `TN = Σ (1 - t) (1 - p)`, `FP = Σ (1 - t) p` and `FN = Σ t (1 - p)` over a region, to
/// each of which `s` is added:
///
///     1 - (TP TN - FP FN) / √((TP + FP) (TP + FN) (TN + FP) (TN + FN))
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term a region, as `per` says. A mask has the shape of prediction and takes elements out of the
///   sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. Where the root is 0, as for a target of
///   one kind without smoothing, there is no correlation: 1.
/// - Gradient: through the four sums; 0 where the root is 0.
/// - Reference: B. W. Matthews, "Comparison of the predicted and observed secondary structure of T4 phage
///   lysozyme", 1975; K. Abhishek, G. Hamarneh, "Matthews Correlation Coefficient Loss", 2021.
public struct MatthewsLoss: RegionFormLoss {
  /// What is added to the sums and what is one region.
  public struct Options: RegionOptions {
    /// What is added to each sum.
    public var smooth = 1e-5
    /// How a prediction becomes a probability.
    public var activation = Activation.identity
    /// What is one region, and so what a term is.
    public var per = RegionScope.all
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("smooth", \.smooth, .atLeast(0), "what is added to each sum"),
      .activation, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "mcc", "One minus the correlation of prediction and target.",
    formula: "1 - (TP TN - FP FN) / √((TP + FP) (TP + FN) (TN + FP) (TN + FN))",
    domain: "Probabilities from 0 to 1, or logits. One without correlation.",
    references: [
      "B. W. Matthews, Comparison of the predicted and observed secondary structure of T4 phage"
        + " lysozyme, 1975",
      "K. Abhishek, G. Hamarneh, Matthews Correlation Coefficient Loss, 2021",
    ],
    dialectEntries: [.smp("MCCLoss", options: [.same("eps", as: "smooth")])])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...2)] + (options.activation == .identity ? [.symmetric] : [])
  }
  /// Walks the regions with the formula that the options name.
  public func run<S: LossScalar>(_ pass: borrowing KernelContext<S>) throws(LossError) {
    try options.activation.evaluateTerms(
      pass, region, Matthews<Identity>(options.smooth), Matthews<Sigmoid>(options.smooth))
  }
}

/// The formula, for one activation.
struct Matthews<Reading: ElementActivation>: RegionFormula {
  let smooth: Double

  init(_ smooth: Double) { self.smooth = smooth }

  /// True and false positives, false and true negatives.
  static var sumCount: Int { 4 }

  @inline(__always)
  func summands<S: LossScalar>(_ prediction: S, _ target: S) -> (S, S, S, S) {
    let (p, rest) = (Reading.probability(prediction), Reading.rest(prediction))
    return (target * p, (1 - target) * p, target * rest, (1 - target) * rest)
  }

  @inline(__always)
  func gradient<S: LossScalar>(_ prediction: S, _ target: S, _ derivatives: (S, S, S, S)) -> (S, S)
  {
    let (p, rest) = (Reading.probability(prediction), Reading.rest(prediction))
    let (positives, negatives) = (derivatives.0 - derivatives.2, derivatives.1 - derivatives.3)
    return (
      Reading.derivative(prediction) * (target * positives + (1 - target) * negatives),
      p * (derivatives.0 - derivatives.1) + rest * (derivatives.2 - derivatives.3)
    )
  }

  func value(_ sums: SIMD4<Double>, count: Double) -> Double {
    let parts = Parts(sums + smooth)
    return parts.root == 0 ? 1 : 1 - parts.correlation
  }

  func derivative(_ sums: SIMD4<Double>, count: Double) -> SIMD4<Double> {
    let sums = sums + smooth
    let parts = Parts(sums)
    guard parts.root != 0 else { return .zero }
    // The pairs that each sum is part of, in the order of the sums.
    let (a, b, c, d) = (parts.pairs[0], parts.pairs[1], parts.pairs[2], parts.pairs[3])
    let ownPairs = SIMD4(1 / a + 1 / b, 1 / a + 1 / c, 1 / b + 1 / d, 1 / c + 1 / d)
    let others = SIMD4(sums[3], -sums[2], -sums[1], sums[0])
    return ownPairs * (parts.correlation / 2) - others / parts.root
  }

  /// What value and slope share.
  struct Parts {
    /// TP + FP, TP + FN, TN + FP, TN + FN.
    let pairs: SIMD4<Double>
    let root: Double
    let correlation: Double

    init(_ sums: SIMD4<Double>) {
      pairs = SIMD4(sums[0] + sums[1], sums[0] + sums[2], sums[3] + sums[1], sums[3] + sums[2])
      root = (pairs[0] * pairs[3]).squareRoot() * (pairs[1] * pairs[2]).squareRoot()
      correlation = (sums[0] * sums[3] - sums[1] * sums[2]) / root
    }
  }
}
