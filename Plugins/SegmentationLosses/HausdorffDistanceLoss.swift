public import LossCore
import LossDialects

/// The squared error of each place, times how far it lies from both boundaries.
///
///     mean of (p - t)² (d(t)^α + d(p)^α)
///     log(1 + mean)                          with `logarithmic`
///
/// `d` is the Euclidean distance to the nearest place on the other side of a boundary, which parts the
/// places of more than 1/2 from the others; 0 where there is no boundary. The distances are exact and
/// computed here, for each class of each sample, in any number of axes. It is an estimate of the Hausdorff
/// distance of what is predicted from what is true.
///
/// - Shape: prediction `[sample, ..., class]` and target equal to it, or class indices without the class
///   axis; one term a region, as `per` says. A mask has the shape of prediction; what it takes out is in
///   no mean, and is no place to measure a distance to.
/// - Domain: probabilities from 0 to 1, or logits.
/// - Gradient: `2 (p - t) (d(t)^α + d(p)^α)` over the number of places, as if the distances were fixed; they
///   jump where a probability passes 1/2. The target has none.
/// - Reference: D. Karimi, S. E. Salcudean, "Reducing the Hausdorff Distance in Medical Image Segmentation
///   with Convolutional Neural Networks", IEEE Transactions on Medical Imaging 39 (2020).
public struct HausdorffDistanceLoss: BatchLoss, ClassRegionLoss {
  /// How distances count, what a prediction is and what is one region.
  public struct Options: ClassOptions {
    /// The exponent of the distances.
    public var alpha = 2.0
    /// Whether the term is the logarithm of one plus the mean.
    public var logarithmic = false
    /// How a prediction becomes a probability.
    public var activation = Activation.softmax
    /// Which classes count.
    public var classes = ClassSelection.all
    /// What is one region, and so what a term is.
    public var per = RegionScope.sampleAndClass
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("alpha", \.alpha, .above(0), "the exponent of the distances"),
      .flag("logarithmic", \.logarithmic, "the logarithm of one plus the mean"),
      .activation, .classes, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "hausdorff_dt", "The squared error of each place, times how far it lies from both boundaries.",
    formula: "mean((p - t)² (d(t)^alpha + d(p)^alpha))    with distances d to the boundaries",
    domain: "Logits, or probabilities from 0 to 1.",
    references: [
      "D. Karimi, S. E. Salcudean, Reducing the Hausdorff Distance in Medical Image Segmentation with"
        + " Convolutional Neural Networks, 2020",
      "P. F. Felzenszwalb, D. P. Huttenlocher, Distance Transforms of Sampled Functions, 2012",
    ],
    dialectEntries: [
      .monai(
        "HausdorffDTLoss", options: .monaiPlaces + [.same("alpha")],
        overrides: ["activation": "none", "classes": "foreground"]),
      // Its logarithm is that of the mean of all terms.
      .monai(
        "LogHausdorffDTLoss", options: .monaiPlaces + [.same("alpha"), .monaiMean],
        overrides: ["activation": "none", "classes": "foreground", "logarithmic": true],
        resolve: { $0.options["per"] = "all" }),
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    [.nonNegative, .positionDependent] + (options.activation == .identity ? [.zeroAtTarget] : [])
  }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature { regions.signature }

  private var regions: DistanceRegions {
    DistanceRegions(options, isLogarithmic: options.logarithmic)
  }
  /// Measures the distances, then takes the means.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    try regions.terms(pass, WeighedError(alpha: options.alpha), into: terms)
  }
}

/// `(p - t)² (d(t)^α + d(p)^α)`
private struct WeighedError: DistanceFormula {
  let alpha: Double
  var readsPredicted: Bool { true }

  func place(
    _ probability: Double, _ target: Double, targetSquare: Double, predictedSquare: Double
  ) -> (value: Double, derivative: Double) {
    let error = probability - target
    let distance = pow(targetSquare) + pow(predictedSquare)
    return (error * error * distance, 2 * error * distance)
  }

  /// A power of a distance, of its square.
  private func pow(_ square: Double) -> Double {
    square == 0 ? 0 : alpha == 2 ? square : Double.pow(square, alpha / 2)
  }
}
