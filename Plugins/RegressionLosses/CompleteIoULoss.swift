public import LossCore
import LossDialects

/// How little two boxes overlap, how far apart their middles lie, and how unlike their shapes are.
///
///     o + d² / (c² + ε) + α v
///     o = 1 - I / (U + ε),   v = (2 / π (atan(w' / h') - atan(w / h)))²,   α = v / (o + v + ε)
///
/// with the areas `I` that both boxes cover and `U` that either covers, the distance `d` of their
/// middles, the diagonal `c` of the smallest box around both, and width and height of the
/// prediction, `w` and `h`, and of the target.
///
/// - Shape: prediction and target `[..., 4]`, equal, each box `[x1, y1, x2, y2]`; one term a box.
/// - Domain: `x1 <= x2` and `y1 <= y2`; NaN gives NaN. A box whose corners are exchanged is empty. A
///   box without width and height has no shape, and `v` is 0.
/// - Gradient: with `constant_alpha`, which is the default as in torchvision and the paper, α is a
///   constant, so that the gradient is that of `o + d² / (c² + ε) + α v` with α as a number, and not
///   the derivative of the value; without, it is the derivative. Where two corners coincide each has
///   half of the slope, so that next to nothing, of the size of ε, is left for equal boxes; of
///   boxes that touch it is that of boxes that overlap.
/// - Reference: Z. Zheng et al., "Distance-IoU Loss", 2020, arXiv:1911.08287.
public struct CompleteIoULoss: BoxLoss {
  /// The epsilon, and what the gradient is.
  public struct Options: LossOptions {
    /// Whether the gradient takes α as a constant.
    public var constantAlpha = true
    /// What is added to what the loss divides by.
    public var epsilon = 1e-7
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("constant_alpha", \.constantAlpha, "whether the gradient takes α as a constant"),
      .number("epsilon", \.epsilon, .above(0), "what is added to what the loss divides by"),
    ]
  }

  public static let metadata = LossMetadata(
    "ciou", "How little two boxes overlap, how far apart they are, how unlike their shapes are.",
    formula: """
      o + d² / (c² + epsilon) + v² / (o + v + epsilon)     with o = 1 - I / (U + epsilon)
      v = (2 / π (atan(w_target / h_target) - atan(w / h)))²
      """,
    domain: "Boxes [x1, y1, x2, y2] with x1 <= x2 and y1 <= y2.",
    references: ["Z. Zheng et al., Distance-IoU Loss, 2020"],
    dialectEntries: [
      .torchvision(
        "complete_box_iou_loss", options: [.same("eps", as: "epsilon")],
        arguments: .torchvisionBoxes)
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...3), .symmetric] + (options.constantAlpha ? [.stopsGradient(through: "alpha")] : [])
  }

  /// The term of two boxes.
  @inline(__always)
  public func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm {
    let epsilon = options.epsilon
    let overlap = BoxOverlap(x, y, epsilon: epsilon)
    let (first, second) = (BoxShape(x.first, y.first), BoxShape(x.second, y.second))
    let angle = first.angle(to: second)
    let unlike = 4 / (Double.pi * Double.pi) * angle * angle
    let alpha = unlike / (overlap.loss + unlike + epsilon)
    // The derivatives of α v with respect to v and to the overlap.
    let followed = !options.constantAlpha
    let factor = Double.select(followed, alpha * (2 - alpha), alpha)
    let share = Double.select(followed, 1 - alpha * alpha, 1)

    var term = DistanceIoULoss.term(x, y, overlap, share: share, epsilon: epsilon)
    term.value += alpha * unlike
    let derivative = 8 / (Double.pi * Double.pi) * factor * angle
    let (own, other) = (first.derivatives(-derivative), second.derivatives(derivative))
    term.x.first += own.width
    term.y.first += own.height
    term.x.second += other.width
    term.y.second += other.height
    return term
  }
}

/// The shape of a box, whatever its size: width and height over the larger of the two.
struct BoxShape {
  let size: Double
  let width: Double
  let height: Double

  @inline(__always)
  init(_ width: Double, _ height: Double) {
    size = Double.maximumPropagatingNaN(width, height)
    self.width = width / size
    self.height = height / size
  }

  /// The difference of the angles of the diagonals, as the angle of their product, so that it does
  /// not cancel; 0 if one has none.
  @inline(__always)
  func angle(to other: BoxShape) -> Double {
    let across = other.width * height - width * other.height
    let along = other.width * width + other.height * height
    return Double.select(size == 0 || other.size == 0, 0, Double.atan(across / along))
  }

  /// The derivatives of the angle of the diagonal, atan(width / height), times a factor.
  @inline(__always)
  func derivatives(_ factor: Double) -> (width: Double, height: Double) {
    let scale = factor / (width * width + height * height)
    return (
      Double.select(size == 0, 0, scale * height / size),
      Double.select(size == 0, 0, -scale * width / size)
    )
  }
}
