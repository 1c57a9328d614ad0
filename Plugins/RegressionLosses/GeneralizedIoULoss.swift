public import LossCore
import LossDialects

/// How little two boxes overlap, and how much empty room lies in the smallest box around both.
///
///     1 - I / (U + ε) + (C - U) / (C + ε)
///
/// with the areas `I` that both boxes cover, `U` that either covers, and `C` of the smallest box
/// around both.
///
/// - Shape: prediction and target `[..., 4]`, equal, each box `[x1, y1, x2, y2]`; one term a box.
/// - Domain: `x1 <= x2` and `y1 <= y2`; NaN gives NaN. A box whose corners are exchanged is empty.
/// - Gradient: exact. Where two corners coincide each has half of the slope, so that next to
///   nothing, of the size of ε, is left for equal boxes; of boxes that touch it is that of boxes that overlap.
/// - Reference: H. Rezatofighi et al., "Generalized Intersection over Union", 2019,
///   arXiv:1902.09630.
public struct GeneralizedIoULoss: BoxLoss {
  public static let metadata = LossMetadata(
    "giou", "How little two boxes overlap, and how much empty workspace lies around them.",
    formula: "1 - I / (U + epsilon) + (C - U) / (C + epsilon)",
    domain: "Boxes [x1, y1, x2, y2] with x1 <= x2 and y1 <= y2.",
    references: ["H. Rezatofighi et al., Generalized Intersection over Union, 2019"],
    dialectEntries: [
      .torchvision(
        "generalized_box_iou_loss", options: [.same("eps", as: "epsilon")],
        arguments: .torchvisionBoxes),
      .monai("BoxGIoULoss", overrides: ["epsilon": .number(0x1p-23)]) { $0.classAxis = nil },
    ])

  public let options: BoxOptions
  public init(options: BoxOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }

  /// The term of two boxes.
  @inline(__always)
  public func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm {
    let epsilon = options.epsilon
    let overlap = BoxOverlap(x, y, epsilon: epsilon)
    let hull = x.hull * y.hull + epsilon
    // What lies in the smallest box around both and in neither, without a difference of areas.
    let workspace =
      (x.firstOnly * y.secondOnly + x.secondOnly * y.firstOnly)
      + (x.gap * y.hull + y.gap * (x.hull - x.gap))
    let (full, empty) = ((overlap.union + epsilon) / hull, workspace / hull)

    func derivatives(across other: BoxAxis) -> BoxGradient {
      var derivatives = overlap.derivatives(across: other)
      derivatives.firstOnly += (other.secondOnly + other.gap) / hull
      derivatives.secondOnly += (other.firstOnly + other.gap) / hull
      derivatives.shared += other.gap / hull
      derivatives.gap = full * (other.hull / hull)
      // What widens the hull without a gap dilutes the room.
      let diluted = empty * (other.hull / hull)
      derivatives.firstOnly -= diluted
      derivatives.secondOnly -= diluted
      derivatives.shared -= diluted
      return derivatives
    }
    return BoxTerm(
      value: overlap.loss + empty, x: derivatives(across: y), y: derivatives(across: x))
  }
}
