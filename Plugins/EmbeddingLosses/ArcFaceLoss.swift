public import LossCore

/// Softmax cross entropy over cosines with an additive angular margin.
///
/// - Shape: prediction (embeddings) `[item, feature]`, target (class indices) `[item]`,
///   class_centers `[class, feature]`; one term per item.
/// - Accuracy: a cosine is off by up to 4 ulp of 1, an exponent by `scale` times as much; the
///   condition number of a term is that of its exponents.
public struct ArcFaceLoss: MarginSoftmaxLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Factor of the cosines.
    public var scale = 64.0
    /// Margin added to the angle of the true class.
    public var margin = 0.5
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .number("scale", \.scale, .above(0), "factor of the cosines"),
      .number("margin", \.margin, .from(0, to: 1.5), "margin added to the angle of the true class"),
    ]
  }

  public static let metadata = LossMetadata(
    "arcface", "Softmax cross entropy over cosines with an additive angular margin.",
    formula: """
      - log softmax(scale cos_c), with m(cos_t) for the true class
      m(cos θ) = cos(θ + margin) where θ + margin is at most π
      m(cos θ) = cos θ - margin · sin(margin) beyond
      """,
    domain: "Every finite vector of any magnitude; a zero vector has cosine 0.",
    gradient: "0 for a zero vector. Where sin θ = 0, sin θ is held constant.",
    usage: """
      Face recognition and other open-set classification, with class centres trained along. \
      cosface has the margin on the cosine; normalized_softmax has none.
      """,
    related: ["cosface", "normalized_softmax", "circle", "cross_entropy"],
    alsoKnownAs: ["aam_softmax"],
    references: [
      "J. Deng et al., ArcFace: Additive Angular Margin Loss for Deep Face Recognition, 2019"
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  /// The factor of the cosines.
  public var scale: Double { options.scale }

  /// The cosine of the angle plus the margin.
  public func withMargin(_ cosine: Double) -> (value: Double, derivative: Double) {
    let halfTurns = options.margin / .pi
    let (sineOfMargin, cosineOfMargin) = (Double.sinPi(halfTurns), Double.cosPi(halfTurns))
    // Where θ + margin exceeds π the cosine would rise again: continued linearly.
    guard !(cosine < -cosineOfMargin) else { return (cosine - options.margin * sineOfMargin, 1) }
    let sineOfAngle = Double.relu((1 - cosine) * (1 + cosine)).squareRoot()
    let derivative =
      sineOfAngle == 0 ? cosineOfMargin : cosineOfMargin + sineOfMargin * (cosine / sineOfAngle)
    return (cosine * cosineOfMargin - sineOfAngle * sineOfMargin, derivative)
  }
}
