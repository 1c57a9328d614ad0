public import LossCore
import LossDialects

/// 1 − IoU of two boxes plus their normalised squared centre distance.
public struct DistanceIoULoss: BoxLoss {
  public static let metadata = LossMetadata(
    "diou", "1 − IoU of two boxes plus their normalised squared centre distance.",
    formula: """
      1 - I / (U + epsilon) + d² / (c² + epsilon)
      I = area(intersection), U = area(union)
      d = distance(centres), c = diagonal(enclosing box)
      """,
    domain: """
      Boxes [x1, y1, x2, y2], empty where x2 < x1 or y2 < y1. NaN gives NaN. Where a divisor is 0, \
      two equal boxes have the IoU 1, others 0, and the other quotients are 0.
      """,
    gradient: """
      Where corners coincide along an axis, the mean of both one-sided derivatives, so that of \
      equal boxes is 0 but for epsilon. For touching boxes that of overlapping ones.
      """,
    usage: """
      Bounding-box regression: usually converges faster than giou. ciou also compares the aspect \
      ratios.
      """,
    related: ["ciou", "giou", "smooth_l1"],
    alsoKnownAs: ["distance_iou"],
    references: ["Z. Zheng et al., Distance-IoU Loss, 2020, arXiv:1911.08287"],
    dialectEntries: [
      .torchvisionBoxes("distance_box_iou_loss")
    ])

  public let options: BoxOptions
  public init(options: BoxOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }

  @inline(__always)
  public func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm {
    let epsilon = options.epsilon
    return Self.term(x, y, BoxOverlap(x, y, epsilon: epsilon), share: 1, epsilon: epsilon)
  }

  /// The term; the derivatives of the overlap are multiplied by `share`, its weight in `ciou`.
  @inline(__always)
  static func term(
    _ x: BoxAxis, _ y: BoxAxis, _ overlap: BoxOverlap, share: Double, epsilon: Double
  ) -> BoxTerm {
    let squares = x.hull * x.hull + y.hull * y.hull + epsilon
    // A diagonal of 0 counts as infinite, so that its quotients and their derivatives are 0.
    let diagonal = Double.select(squares == 0, .infinity, squares)
    let normalizedDistance = (x.distance * x.distance + y.distance * y.distance) / diagonal
    var term = BoxTerm(
      value: overlap.loss + normalizedDistance, x: overlap.derivatives(across: y, times: share),
      y: overlap.derivatives(across: x, times: share))
    term.x.distance = 2 * x.distance / diagonal
    term.x.hull = -2 * normalizedDistance * (x.hull / diagonal)
    term.y.distance = 2 * y.distance / diagonal
    term.y.hull = -2 * normalizedDistance * (y.hull / diagonal)
    return term
  }
}
