public import LossCore
import LossDialects

/// The probability of each place, times how far it lies outside of what is true.
///
///     mean of p d          with the distance d to the boundary of the target: below 0 inside
///
/// Outside, `d` is the Euclidean distance to the nearest place of more than 1/2; inside, 1 less the
/// distance to the nearest place of no more, so that it is 0 along the boundary. It is 0 everywhere for a
/// class that is nowhere true, or everywhere. The distances are exact and computed here, for each class of
/// each sample, in one, two, three or any number of axes.
///
/// - Shape: prediction `[sample, ..., class]` and target equal to it, or class indices without the class
///   axis; one term a region, as `per` says. A mask has the shape of prediction; what it takes out is in
///   no mean, and is no place to measure a distance to.
/// - Domain: probabilities from 0 to 1, or logits. The loss is below 0 where the prediction covers more
///   inside than outside.
/// - Gradient: `d` over the number of places; the target, of which the distances are made, has none.
/// - Reference: H. Kervadec et al., "Boundary Loss for Highly Unbalanced Segmentation", MIDL 2019.
public struct BoundaryLoss: BatchLoss, ClassRegionLoss {
  /// What a prediction is, which classes count and what is one region.
  public struct Options: ClassOptions {
    /// How a prediction becomes a probability.
    public var activation = Activation.softmax
    /// Which classes count.
    public var classes = ClassSelection.all
    /// What is one region, and so what a term is.
    public var per = RegionScope.sampleAndClass
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .activation, .classes, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "boundary", "The probability of each place, times how far it lies outside of what is true.",
    formula: "mean(p d)    with the distance d to the boundary of target, below 0 inside",
    domain: "Logits, or probabilities from 0 to 1.",
    references: [
      "H. Kervadec et al., Boundary Loss for Highly Unbalanced Segmentation, 2019",
      "P. F. Felzenszwalb, D. P. Huttenlocher, Distance Transforms of Sampled Functions, 2012",
    ],
    dialectEntries: [
      .monai("BoundaryLoss", options: .monaiPlaces, overrides: ["activation": "none"])
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  /// What it claims: it is linear in the probabilities.
  public var properties: [LossProperty] {
    (options.activation == .identity ? [.convex] : []) + [.twiceDifferentiable, .positionDependent]
  }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature { regions.signature }

  private var regions: DistanceRegions { DistanceRegions(options) }
  /// Measures the distances, then takes the means.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    try regions.terms(pass, SignedDistance(), into: terms)
  }
}

/// `p d`
private struct SignedDistance: DistanceFormula {
  var readsPredicted: Bool { false }

  func place(
    _ probability: Double, _ target: Double, targetSquare: Double, predictedSquare: Double
  ) -> (value: Double, derivative: Double) {
    let distance = targetSquare.squareRoot()
    guard !target.isNaN else { return (.nan, .nan) }
    // The nearest place of the other kind is at least 1 away: 0 says that there is none.
    let signed = distance == 0 ? 0 : target > 0.5 ? 1 - distance : distance
    return (probability * signed, signed)
  }
}
