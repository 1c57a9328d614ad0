public import LossCore
import LossDialects

/// Hausdorff distance loss: squared error weighted by distances to the contours.
///
/// `d` is the Euclidean distance to the nearest element on the other side of the contour at 1/2, 0
/// where there is none. Distances are exact, for each class of each sample, in any number of axes.
/// The target has no gradient.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
///   A masked element is left out of the mean, and counts as outside for the distances.
public struct HausdorffDistanceLoss: BatchLoss, ClassRegionLoss {
  /// Options of the loss.
  public struct Options: ClassOptions {
    /// Exponent of the distances.
    public var alpha = 2.0
    /// Whether a term is the logarithm of 1 plus the mean.
    public var logarithmic = false
    /// Activation that turns predictions into probabilities.
    public var activation = Activation.identity
    /// Whether prediction holds logits, also without an activation.
    public var fromLogits = false
    /// Classes that are included.
    public var classes = ClassSelection.all
    /// Elements that form a region, and so a term.
    public var per = RegionScope.sampleAndClass
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("alpha", \.alpha, .above(0), "exponent of the distances"),
      .flag("logarithmic", \.logarithmic, "whether a term is the logarithm of 1 plus the mean"),
      .activation, .fromLogits, .classes, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "hausdorff_dt", "Hausdorff distance loss: squared error weighted by distances to the contours.",
    formula: """
      mean((p - t)² (d(t)^alpha + d(p)^alpha))    with distances d to the contours
      log(1 + mean)                               with logarithmic
      """,
    domain: "Probabilities from 0 to 1, or logits.",
    gradient: """
      Distances are held constant. They jump at a probability of 1/2, which counts as outside.
      """,
    usage: """
      Reducing the largest boundary errors in medical segmentation, added to dice. It \
      computes the distances of the prediction in every step, which boundary avoids.
      """,
    related: ["boundary", "dice", "dice_ce"], alsoKnownAs: ["hausdorff", "hausdorff_distance"],
    references: [
      """
      D. Karimi and S. E. Salcudean, Reducing the Hausdorff Distance in \
      Medical Image Segmentation with Convolutional Neural Networks, 2020
      """,
      "P. F. Felzenszwalb and D. P. Huttenlocher, Distance Transforms of Sampled Functions, 2012",
    ],
    dialectEntries: [
      .monai(
        "HausdorffDTLoss", options: .monaiDistances + [.same("alpha")],
        overrides: ["activation": "none", "classes": "foreground"]),
      // MONAI takes the logarithm of the mean of all terms.
      .monai(
        "LogHausdorffDTLoss", options: .monaiDistances + [.same("alpha"), .monaiMean],
        overrides: ["activation": "none", "classes": "foreground", "logarithmic": true],
        resolve: { $0.options["per"] = "all" }),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.nonNegative, .positionDependent] + (options.readsProbabilities ? [.zeroAtTarget] : [])
  }
  public var signature: LossSignature { regions.signature }

  private var regions: DistanceRegions {
    DistanceRegions(options, isLogarithmic: options.logarithmic)
  }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    try regions.terms(context, WeightedError(alpha: options.alpha), into: terms)
  }
}

/// `(p - t)² (d(t)^α + d(p)^α)`
private struct WeightedError: DistanceFormula {
  let alpha: Double
  var readsPredicted: Bool { true }

  func element(
    _ probability: Double, _ target: Double, targetSquare: Double, predictedSquare: Double
  ) -> (value: Double, derivative: Double) {
    let error = probability - target
    let distance = pow(targetSquare) + pow(predictedSquare)
    return (error * error * distance, 2 * error * distance)
  }

  /// A power of a distance, from its square.
  private func pow(_ square: Double) -> Double {
    square == 0 ? 0 : alpha == 2 ? square : Double.pow(square, alpha / 2)
  }
}
