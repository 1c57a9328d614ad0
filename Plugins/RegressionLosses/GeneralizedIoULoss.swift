public import LossCore
import LossDialects

/// 1 − generalised IoU of two boxes.
public struct GeneralizedIoULoss: BoxLoss {
  public static let metadata = LossMetadata(
    "giou", "1 − generalised IoU of two boxes.",
    formula: """
      1 - I / (U + epsilon) + (C - U) / (C + epsilon)
      I = area(intersection), U = area(union), C = area(enclosing box)
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
      Bounding-box regression: unlike 1 − IoU it has a gradient for disjoint boxes. diou and ciou \
      usually converge faster.
      """,
    related: ["diou", "ciou", "smooth_l1"],
    alsoKnownAs: ["generalized_iou"],
    references: [
      "H. Rezatofighi et al., Generalized Intersection over Union, 2019, arXiv:1902.09630"
    ],
    dialectEntries: [
      .torchvisionBoxes("generalized_box_iou_loss"),
      .monai("BoxGIoULoss", overrides: ["epsilon": .number(0x1p-23)]) { $0.classAxis = nil },
    ])

  public let options: BoxOptions
  public init(options: BoxOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }

  @inline(__always)
  public func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm {
    let epsilon = options.epsilon
    let overlap = BoxOverlap(x, y, epsilon: epsilon)
    let hull = x.hull * y.hull + epsilon
    // The area of the enclosing box that neither covers, without a difference of areas.
    let emptyArea =
      (x.firstOnly * y.secondOnly + x.secondOnly * y.firstOnly)
      + (x.gap * y.hull + y.gap * (x.hull - x.gap))
    // A divisor of 0 counts as infinite, so that its quotients and their derivatives are 0.
    let divisor = Double.select(hull == 0, .infinity, hull)
    let (full, empty) = ((overlap.union + epsilon) / divisor, emptyArea / divisor)

    func derivatives(across other: BoxAxis) -> BoxGradient {
      var derivatives = overlap.derivatives(across: other)
      derivatives.firstOnly += (other.secondOnly + other.gap) / divisor
      derivatives.secondOnly += (other.firstOnly + other.gap) / divisor
      derivatives.shared += other.gap / divisor
      derivatives.gap = full * (other.hull / divisor)
      // An extent without a gap enlarges the hull alone.
      let dilution = empty * (other.hull / divisor)
      derivatives.firstOnly -= dilution
      derivatives.secondOnly -= dilution
      derivatives.shared -= dilution
      return derivatives
    }
    return BoxTerm(
      value: overlap.loss + empty, x: derivatives(across: y), y: derivatives(across: x))
  }
}
