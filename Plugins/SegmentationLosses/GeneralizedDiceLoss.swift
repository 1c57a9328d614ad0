public import LossCore
import LossDialects

/// Generalised Dice loss: overlap of all classes, weighted by inverse class size.
///
/// The target, which determines the weights, has no gradient.
///
/// - Shape: prediction and mask `[..., class]`, target `[..., class]` or class indices `[...]`.
public struct GeneralizedDiceLoss: BatchLoss, ClassRegionLoss {
  /// Options of the loss.
  public struct Options: ActivationOptions {
    /// Weight of a class, by its size.
    public var weighting = Weighting.square
    /// Constant added to the numerator and the denominator.
    public var smooth = 1e-5
    /// Constant added to the denominator instead of smooth.
    public var smoothDenominator: Double?
    /// Classes that are included.
    public var classes = ClassSelection.all
    /// Activation that turns predictions into probabilities.
    public var activation = Activation.identity
    /// Whether prediction holds logits, also without an activation.
    public var fromLogits = false
    /// Elements that are summed together, and so a term.
    public var per = SampleScope.sample
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("weighting", \.weighting, "weight of a class, by its size"),
      .number(
        "smooth", \.smooth, .atLeast(0), "constant added to the numerator and the denominator"),
      .number(
        "smooth_denominator", \.smoothDenominator, .atLeast(0),
        "constant added to the denominator instead of smooth"),
      .classes("classes", \.classes, "classes that are included"),
      .activation, .fromLogits,
      .choice("per", \.per, "elements that are summed together, and so a term"),
    ]
  }

  /// The weight of a class.
  public enum Weighting: String, OptionChoice {
    /// One over the square of its size.
    case square
    /// One over its size.
    case simple
    /// 1.
    case uniform
  }

  public static let metadata = LossMetadata(
    "generalized_dice",
    "Generalised Dice loss: overlap of all classes, weighted by inverse class size.",
    formula: """
      1 - (2 Σ w I + smooth) / (Σ w (T + P) + smooth_denominator)    over the classes
      I = Σ t p,  T = Σ t,  P = Σ p,  w = 1 / T², 1 / T or 1
      """,
    domain: """
      Probabilities and targets from 0 to 1, or logits. A class without target has the \
      largest weight of the others; where nothing is true, weights that depend on size are 0.
      """,
    gradient: "0 where the denominator is 0.",
    usage: """
      Segmentation into classes of very different size. dice with a region per \
      class averages the classes instead; generalized_dice_focal adds a focal term.
      """,
    related: ["dice", "tversky", "generalized_dice_focal"],
    alsoKnownAs: ["gdl", "generalised_dice"],
    references: [
      """
      C. H. Sudre et al., Generalised Dice Overlap as a Deep Learning \
      Loss Function for Highly Unbalanced Segmentations, 2017
      """
    ],
    dialectEntries: [
      .monai(
        "GeneralizedDiceLoss",
        options: .monaiGeneralized, overrides: DialectEntry.monaiGeneralized)
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    (smoothDenominator >= options.smooth ? [.range(0...1)] : [])
      + (options.per == .all ? [.batchDependent] : [])
  }
  private var smoothDenominator: Double { options.smoothDenominator ?? options.smooth }
  public var signature: LossSignature {
    region.signature(
      prediction: options.predictionDomain, target: .probability, targetHasGradient: false)
  }
  public var region: RegionScope { options.per.region }
  public var counted: RegionClasses { RegionClasses(options.classes) }

  public func terms<S: LossScalar>(
    _ context: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let context = copy context
    let layout = try context.layout(of: region)
    ClassPlanes.with(context, layout, options.activation(classCount: layout.classes)) { planes in
      let classes = planes.classes
      let count = context.termCount * classes
      withUnsafeTemporaryAllocation(of: ClassSums.self, capacity: max(1, count)) { sums in
        guard let sums = sums.baseAddress else { return }
        context.parallelForEach(count) { chunk in
          sums[chunk] = ClassSums(of: chunk % classes, in: chunk / classes, planes)
        }
        for term in 0..<context.termCount {
          let sumsOfTerm = UnsafeMutableBufferPointer(
            start: sums + term * classes, count: classes)
          terms[term] = S(
            reduceClasses(sumsOfTerm, coefficient: context.gradientScale(term).asDouble))
        }
        context.parallelForEach(count) { chunk in
          sums[chunk].writeGradient(
            of: chunk % classes, in: chunk / classes, planes,
            isRemoved: context.isRemoved(chunk / classes))
        }
      }
    }
  }

  /// The term of a segment; writes the derivatives with respect to the sums.
  ///
  /// All weights and the smoothing constants are divided by the largest weight, which may overflow.
  private func reduceClasses(
    _ sums: UnsafeMutableBufferPointer<ClassSums>, coefficient: Double
  ) -> Double {
    var rarest = Double.infinity
    for index in sums.indices where options.classes.contains(index) && sums[index].target > 0 {
      rarest = Double.minimum(rarest, sums[index].target)
    }
    let isEmpty = rarest == .infinity
    let unit = isEmpty ? 1 : weight(rarest, relativeTo: 1)
    let (above, below) = (options.smooth / unit, smoothDenominator / unit)
    var (overlap, size, difference) = (above, below, below - above)
    for index in sums.indices where options.classes.contains(index) {
      let sum = sums[index]
      let weight =
        options.weighting == .uniform
        ? 1 : isEmpty ? 0 : sum.target > 0 ? weight(sum.target, relativeTo: rarest) : 1
      sums[index].derivativeOfOverlap = weight
      overlap += weight * 2 * sum.overlap
      size += weight * (sum.target + sum.prediction)
      difference += weight * (sum.target + sum.prediction - 2 * sum.overlap)
    }
    let scale = size == 0 ? 0 : coefficient / size
    for index in sums.indices {
      let weight = sums[index].derivativeOfOverlap
      sums[index].derivativeOfOverlap = -2 * weight * scale
      sums[index].derivativeOfPrediction = size == 0 ? 0 : weight * scale * (overlap / size)
    }
    return size == 0 ? 0 : difference / size
  }

  private func weight(_ size: Double, relativeTo rarest: Double) -> Double {
    let ratio = rarest / size
    return switch options.weighting {
    case .square: ratio * ratio
    case .simple: ratio
    case .uniform: 1
    }
  }
}

/// The sums of one class, and the derivatives with respect to them.
struct ClassSums {
  var overlap = 0.0
  var target = 0.0
  var prediction = 0.0
  var derivativeOfOverlap = 0.0
  var derivativeOfPrediction = 0.0

  /// `Σ t p`, `Σ t` and `Σ p` over the unmasked elements of a class.
  @specialized(where S == Float)
  @specialized(where S == Double)
  init<S: LossScalar>(of j: Int, in segment: Int, _ planes: ClassPlanes<S>) {
    let p = planes.probabilities + planes.start(segment: segment, class: j)
    var sums = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    planes.forEachUnmasked(class: j, in: segment) { i, t in
      sums.0.add(p[i].asDouble * t.asDouble)
      sums.1.add(t.asDouble)
      sums.2.add(p[i].asDouble)
    }
    (overlap, target, prediction) = (sums.0.value, sums.1.value, sums.2.value)
  }

  /// Writes the derivatives with respect to the probabilities of a class.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func writeGradient<S: LossScalar>(
    of j: Int, in segment: Int, _ planes: ClassPlanes<S>, isRemoved: Bool
  ) {
    guard
      let derivatives = planes.derivatives.map({ $0 + planes.start(segment: segment, class: j) })
    else { return }
    for i in 0..<planes.positions { derivatives[i] = 0 }
    guard !isRemoved else { return }
    planes.forEachUnmasked(class: j, in: segment) { i, t in
      derivatives[i] = S(derivativeOfPrediction + t.asDouble * derivativeOfOverlap)
    }
  }
}
