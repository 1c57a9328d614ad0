public import LossCore
import LossDialects

/// One minus the overlap of all classes together, in which rare classes weigh as much as large ones.
///
/// With `I = Σ t p`, `T = Σ t` and `P = Σ p` of each class, and `w` = 1 / T², 1 / T or 1:
///
///     1 - (2 Σ w I + s) / (Σ w (T + P) + d)        sums over the classes that count, d = s unless given
///
/// - Shape: prediction `[..., class]` and target equal to it, or class indices without the class axis; one
///   term, or one a sample. A mask has the shape of prediction and takes elements out of the sums.
/// - Domain: probabilities and targets from 0 to 1, or logits. A class that is nowhere true weighs as much
///   as the heaviest that is; where nothing is true at all no class weighs anything, which gives 0.
/// - Gradient: `w ((2 Σ w I + s) / D - 2 t) / D` with the denominator `D`, 0 where it is 0. The target, of
///   which the weights are made, has none.
/// - Reference: C. H. Sudre et al., "Generalised Dice Overlap as a Deep Learning Loss Function for Highly
///   Unbalanced Segmentations", 2017.
public struct GeneralizedDiceLoss: BatchLoss, ClassRegionLoss {
  /// What the classes weigh and what is one region.
  public struct Options: LossOptions {
    /// What a class weighs.
    public var weighting = Weighting.square
    /// What is added above and below.
    public var smooth = 1e-5
    /// What is added below, if that is not what is added above.
    public var smoothDenominator: Double?
    /// Which classes count.
    public var classes = ClassSelection.all
    /// How a prediction becomes a probability.
    public var activation = Activation.identity
    /// Which samples are summed together.
    public var per = SampleScope.sample
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .choice("weighting", \.weighting, "what a class weighs"),
      .number("smooth", \.smooth, .atLeast(0), "what is added above and below"),
      .number(
        "smooth_denominator", \.smoothDenominator, .atLeast(0), "what is added below instead"),
      .classes("classes", \.classes, "which classes count"),
      .choice("activation", \.activation, "how a prediction becomes a probability"),
      .choice("per", \.per, "which samples are summed together, and so what a term is"),
    ]
  }

  /// What a class weighs.
  public enum Weighting: String, OptionChoice {
    /// One over the square of its size.
    case square
    /// One over its size.
    case simple
    /// 1.
    case uniform
  }

  public static let metadata = LossMetadata(
    "generalized_dice", "One minus the overlap of all classes, in which rare ones weigh more.",
    formula: "1 - (2 Σ w I + smooth) / (Σ w (T + P) + smooth_denominator)    over the classes",
    domain: "Probabilities from 0 to 1, or logits. Where nothing is true: 0.",
    references: [
      "C. H. Sudre et al., Generalised Dice Overlap as a Deep Learning Loss Function for Highly"
        + " Unbalanced Segmentations, 2017"
    ],
    dialectEntries: [
      .monai(
        "GeneralizedDiceLoss",
        options: .monaiGeneralized, overrides: DialectEntry.monaiGeneralized)
    ])

  public let options: Options
  public init(options: Options = Options()) { self.options = options }
  public var properties: [LossProperty] {
    (below >= options.smooth ? [.range(0...1)] : [])
      + (options.per == .all ? [.batchDependent] : [])
  }
  private var below: Double { options.smoothDenominator ?? options.smooth }
  /// Probabilities or logits; probabilities or class indices for target.
  public var signature: LossSignature {
    region.signature(
      prediction: options.activation.domain, target: .probability, targetHasGradient: false)
  }
  /// What one region is.
  public var region: RegionScope { options.per.region }
  /// Which classes count.
  public var counted: RegionClasses { RegionClasses(options.classes) }

  /// Sums each class, then weighs the sums.
  public func terms<S: LossScalar>(
    _ pass: borrowing KernelContext<S>, into terms: UnsafeMutablePointer<S>
  ) throws(LossError) {
    let pass = copy pass
    let layout = try pass.layout(of: region)
    ClassPlanes.with(pass, layout, options.activation) { planes in
      let classes = planes.classes
      let count = pass.termCount * classes
      withUnsafeTemporaryAllocation(of: ClassSums.self, capacity: max(1, count)) { sums in
        guard let sums = sums.baseAddress else { return }
        pass.parallelForEach(count) { chunk in
          sums[chunk] = ClassSums(of: chunk % classes, in: chunk / classes, planes)
        }
        for term in 0..<pass.termCount {
          let own = UnsafeMutableBufferPointer(start: sums + term * classes, count: classes)
          terms[term] = S(weigh(own, coefficient: pass.gradientScale(term).asDouble))
        }
        pass.parallelForEach(count) { chunk in
          sums[chunk].writeGradient(
            of: chunk % classes, in: chunk / classes, planes,
            isRemoved: pass.isRemoved(chunk / classes))
        }
      }
    }
  }

  /// The term of a segment; leaves the derivatives by the sums in their places.
  ///
  /// All weights, and the smoothing, are divided by the heaviest weight, which may be beyond every
  /// number.
  private func weigh(
    _ sums: UnsafeMutableBufferPointer<ClassSums>, coefficient: Double
  ) -> Double {
    var rarest = Double.infinity
    for index in sums.indices where options.classes.contains(index) && sums[index].target > 0 {
      rarest = Double.minimum(rarest, sums[index].target)
    }
    let isEmpty = rarest == .infinity
    let unit = isEmpty ? 1 : weight(rarest, relativeTo: 1)
    let (above, below) = (options.smooth / unit, self.below / unit)
    var (overlap, size, gap) = (above, below, below - above)
    for index in sums.indices where options.classes.contains(index) {
      let sum = sums[index]
      let weight = isEmpty ? 0 : sum.target > 0 ? weight(sum.target, relativeTo: rarest) : 1
      sums[index].derivativeOfOverlap = weight
      overlap += weight * 2 * sum.overlap
      size += weight * (sum.target + sum.prediction)
      gap += weight * (sum.target + sum.prediction - 2 * sum.overlap)
    }
    let scale = size == 0 ? 0 : coefficient / size
    for index in sums.indices {
      let weight = sums[index].derivativeOfOverlap
      sums[index].derivativeOfOverlap = -2 * weight * scale
      sums[index].derivativeOfPrediction = size == 0 ? 0 : weight * scale * (overlap / size)
    }
    return size == 0 ? 0 : gap / size
  }

  private func weight(_ size: Double, relativeTo rarest: Double) -> Double {
    let share = rarest / size
    return switch options.weighting {
    case .square: share * share
    case .simple: share
    case .uniform: 1
    }
  }
}

/// The sums of one class, and then the derivatives by them.
struct ClassSums {
  var overlap = 0.0
  var target = 0.0
  var prediction = 0.0
  var derivativeOfOverlap = 0.0
  var derivativeOfPrediction = 0.0

  /// Σ t p, Σ t and Σ p over the places of a class that the mask leaves.
  @specialized(where S == Float)
  @specialized(where S == Double)
  init<S: LossScalar>(of j: Int, in segment: Int, _ planes: ClassPlanes<S>) {
    let p = planes.probabilities + planes.start(segment: segment, class: j)
    var sums = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    planes.forEachKept(class: j, in: segment) { i, t in
      sums.0.add(p[i].asDouble * t.asDouble)
      sums.1.add(t.asDouble)
      sums.2.add(p[i].asDouble)
    }
    (overlap, target, prediction) = (sums.0.value, sums.1.value, sums.2.value)
  }

  /// Writes the slopes of a class, from the derivatives by its sums.
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
    planes.forEachKept(class: j, in: segment) { i, t in
      derivatives[i] = S(derivativeOfPrediction + t.asDouble * derivativeOfOverlap)
    }
  }
}
