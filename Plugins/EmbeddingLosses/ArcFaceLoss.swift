public import LossCore

/// The surprise at the true class by the cosines to a centre for each, with a margin on the angle.
///
///     - log(exp(scale m(cos_t)) / (exp(scale m(cos_t)) + Σ_{c ≠ t} exp(scale cos_c)))
///     m(cos θ) = cos(θ + margin)                    where θ + margin is at most π
///     m(cos θ) = cos θ - margin · sin(margin)       beyond
///
/// - Shape: prediction (the vectors) `[item, feature]`, target `[item]` class indices, class_centers
///   `[class, feature]`; one term an item.
/// - Domain: every finite vector, however long or short; a zero vector has the cosine 0.
/// - Accuracy: a cosine is off by up to 4 units in the last place of 1, and an exponent by `scale` times
///   as much; the condition number of a term is that of its exponents.
/// - Gradient: of the formula, for vectors and centres; 0 for a zero vector. Where a vector lies on
///   its centre, θ = 0, or opposite, the angle has no derivative, and that of the cosine alone counts.
/// - Reference: J. Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition",
///   2019.
public struct ArcFaceLoss: MarginSoftmaxLoss {
  /// The scale and the margin.
  public struct Options: LossOptions {
    /// What cosines are multiplied by.
    public var scale = 64.0
    /// By how much the angle to the true class is made larger, in radians.
    public var margin = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("scale", \.scale, .above(0), "what cosines are multiplied by"),
      .number("margin", \.margin, .from(0, to: 1.5), "by how much the true angle is made larger"),
    ]
  }

  public static let metadata = LossMetadata(
    "arcface", "The surprise at the true class by cosines, with a margin on the angle.",
    formula: """
      - log softmax(scale cos_c), with m(cos_t) for the true class
      m(cos θ) = cos(θ + margin) where θ + margin is at most π
      m(cos θ) = cos θ - margin · sin(margin) beyond
      """,
    domain: "Every finite vector; a zero vector has the cosine 0.",
    references: ["J. Deng et al., ArcFace: Additive Angular Margin Loss, 2019"])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// What cosines are multiplied by.
  public var scale: Double { options.scale }

  /// The cosine of the larger angle.
  public func withMargin(_ cosine: Double) -> (value: Double, derivative: Double) {
    let halfTurns = options.margin / .pi
    let (sine, cosineOfMargin) = (Double.sinPi(halfTurns), Double.cosPi(halfTurns))
    // cos(π - margin): beyond it the sum would turn back.
    guard !(cosine < -cosineOfMargin) else { return (cosine - options.margin * sine, 1) }
    let height = Double.relu((1 - cosine) * (1 + cosine)).squareRoot()
    let derivative = height == 0 ? cosineOfMargin : cosineOfMargin + sine * (cosine / height)
    return (cosine * cosineOfMargin - height * sine, derivative)
  }
}
