public import LossCore
import LossDialects

/// Distance-IoU loss of two boxes plus an aspect-ratio penalty.
public struct CompleteIoULoss: BoxLoss {
  /// Options of the loss.
  public struct Options: LossOptions {
    /// Whether the gradient treats alpha as a constant.
    public var constantAlpha = true
    /// Constant added to the divisors.
    public var epsilon = 0.0
    public init() {}
    public static let fields: [OptionField<Self>] = [
      .flag("constant_alpha", \.constantAlpha, "whether the gradient treats alpha as a constant"),
      .number("epsilon", \.epsilon, .atLeast(0), "constant added to the divisors"),
    ]
  }

  public static let metadata = LossMetadata(
    "ciou", "Distance-IoU loss of two boxes plus an aspect-ratio penalty.",
    formula: """
      o + d² / (c² + epsilon) + alpha v     with o = 1 - I / (U + epsilon)
      v = (2 / π (atan(w_target / h_target) - atan(w / h)))²
      alpha = v / (o + v + epsilon)
      I = area(intersection), U = area(union)
      d = distance(centres), c = diagonal(enclosing box)
      """,
    domain: """
      Boxes [x1, y1, x2, y2], empty where x2 < x1 or y2 < y1. NaN gives NaN. \
      Where a divisor is 0, two equal boxes have the IoU 1, others 0, and the other quotients are 0. For a box of no \
      extent v is 0.
      """,
    gradient: """
      With constant_alpha, the default as in torchvision and the paper, the gradient holds alpha \
      constant and is not the derivative of the value. Where corners coincide along an axis, the \
      mean of both one-sided derivatives, so that of equal boxes is 0 but for epsilon. For \
      touching boxes that of overlapping ones.
      """,
    usage: "Bounding-box regression where the aspect ratio matters, which diou and giou ignore.",
    related: ["diou", "giou", "smooth_l1"],
    alsoKnownAs: ["complete_iou"],
    references: ["Z. Zheng et al., Distance-IoU Loss, 2020, arXiv:1911.08287"],
    dialectEntries: [
      .torchvisionBoxes("complete_box_iou_loss")
    ])

  public let options: Options
  public init(options: Options) { self.options = options }
  public var properties: [LossProperty] {
    [.range(0...3), .symmetric] + (options.constantAlpha ? [.stopsGradient(through: "alpha")] : [])
  }

  @inline(__always)
  public func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm {
    let epsilon = options.epsilon
    let overlap = BoxOverlap(x, y, epsilon: epsilon)
    let (first, second) = (BoxShape(x.first, y.first), BoxShape(x.second, y.second))
    let angle = first.angle(to: second)
    let shapeDifference = 4 / (Double.pi * Double.pi) * angle * angle
    let divisor = overlap.loss + shapeDifference + epsilon
    let alpha = Double.select(divisor == 0, 0, shapeDifference / divisor)
    // The derivatives of α v with respect to v and to the overlap.
    let isDifferentiated = !options.constantAlpha
    let factor = Double.select(isDifferentiated, alpha * (2 - alpha), alpha)
    let share = Double.select(isDifferentiated, 1 - alpha * alpha, 1)

    var term = DistanceIoULoss.term(x, y, overlap, share: share, epsilon: epsilon)
    term.value += alpha * shapeDifference
    let derivative = 8 / (Double.pi * Double.pi) * factor * angle
    let (firstGradient, secondGradient) = (
      first.derivatives(-derivative), second.derivatives(derivative)
    )
    term.x.first += firstGradient.width
    term.y.first += firstGradient.height
    term.x.second += secondGradient.width
    term.y.second += secondGradient.height
    return term
  }
}

/// The aspect ratio of a box: width and height divided by the larger of the two.
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

  /// The angle between the diagonals, from cross and dot product so that nothing cancels; 0 if a
  /// box has no extent.
  @inline(__always)
  func angle(to other: BoxShape) -> Double {
    let cross = other.width * height - width * other.height
    let dot = other.width * width + other.height * height
    return Double.select(size == 0 || other.size == 0, 0, Double.atan(cross / dot))
  }

  /// The derivatives of the diagonal's angle, atan(width / height), times a factor.
  @inline(__always)
  func derivatives(_ factor: Double) -> (width: Double, height: Double) {
    let scale = factor / (width * width + height * height)
    return (
      Double.select(size == 0, 0, scale * height / size),
      Double.select(size == 0, 0, -scale * width / size)
    )
  }
}
