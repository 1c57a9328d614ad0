public import LossCore
import LossDialects

/// Boundary loss: probability times signed distance to the target contour.
///
/// Outside, `d` is the Euclidean distance to the nearest element above 1/2; inside, it is 1 minus
/// the distance to the nearest other element, so that it is 0 along the contour. Distances are
/// exact, for each class of each sample, in any number of axes. The target has no gradient.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
///   A masked element is left out of the mean, and counts as outside for the distances.
public struct BoundaryLoss: BatchLoss, ClassRegionLoss {
  /// Options of the loss.
  public struct Options: ClassOptions {
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
      .activation, .fromLogits, .classes, .per,
    ]
  }

  public static let metadata = LossMetadata(
    "boundary", "Boundary loss: probability times signed distance to the target contour.",
    formula: "mean(p d)    with d the signed distance to the contour of target, negative inside",
    domain: """
      Probabilities from 0 to 1, or logits; negative where the prediction lies \
      inside. The distance is 0 for a class that is true everywhere or nowhere.
      """,
    usage: """
      Segmentation of small or very unbalanced regions, added to a region loss \
      such as dice with a growing weight. Alone it can end in an empty prediction.
      """,
    related: ["hausdorff_dt", "dice", "generalized_dice"], alsoKnownAs: ["surface_loss"],
    references: [
      "H. Kervadec et al., Boundary Loss for Highly Unbalanced Segmentation, 2019",
      "P. F. Felzenszwalb and D. P. Huttenlocher, Distance Transforms of Sampled Functions, 2012",
    ],
    dialectEntries: [
      .monai("BoundaryLoss", options: .monaiDistances, overrides: ["activation": "none"])
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    (options.readsProbabilities ? [.convex] : []) + [.twiceDifferentiable, .positionDependent]
  }
  public var signature: LossSignature { regions.signature }

  private var regions: DistanceRegions { DistanceRegions(options) }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    try regions.terms(context, SignedDistance(), into: terms)
  }
}

/// `p d`
private struct SignedDistance: DistanceFormula {
  var readsPredicted: Bool { false }

  func element(
    _ probability: Double, _ target: Double, targetSquare: Double, predictedSquare: Double
  ) -> (value: Double, derivative: Double) {
    let distance = targetSquare.squareRoot()
    guard !target.isNaN else { return (.nan, .nan) }
    // The nearest element of the other side is at least 1 away; 0 means that there is none.
    let signed = distance == 0 ? 0 : target > 0.5 ? 1 - distance : distance
    return (probability * signed, signed)
  }
}
