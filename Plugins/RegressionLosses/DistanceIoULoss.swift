public import LossCore
import LossDialects

/// How little two boxes overlap, and how far apart their middles lie.
///
///     1 - I / (U + ε) + d² / (c² + ε)
///
/// with the areas `I` that both boxes cover and `U` that either covers, the distance `d` of their
/// middles, and the diagonal `c` of the smallest box around both.
///
/// - Shape: prediction and target `[..., 4]`, equal, each box `[x1, y1, x2, y2]`; one term a box.
/// - Domain: `x1 <= x2` and `y1 <= y2`; NaN gives NaN. A box whose corners are exchanged is empty.
/// - Gradient: exact. Where two corners coincide each has half of the slope, so that next to
///   nothing, of the size of ε, is left for equal boxes; of boxes that touch it is that of boxes that overlap.
/// - Reference: Z. Zheng et al., "Distance-IoU Loss", 2020, arXiv:1911.08287.
public struct DistanceIoULoss: BoxLoss {
  public static let metadata = LossMetadata(
    "diou", "How little two boxes overlap, and how far apart their middles lie.",
    formula: "1 - I / (U + epsilon) + d² / (c² + epsilon)",
    domain: "Boxes [x1, y1, x2, y2] with x1 <= x2 and y1 <= y2.",
    references: ["Z. Zheng et al., Distance-IoU Loss, 2020"],
    dialectEntries: [
      .torchvision(
        "distance_box_iou_loss", options: [.same("eps", as: "epsilon")],
        arguments: .torchvisionBoxes)
    ])

  public let options: BoxOptions
  public init(options: BoxOptions) { self.options = options }
  public var properties: [LossProperty] { [.range(0...2), .symmetric] }

  /// The term of two boxes.
  @inline(__always)
  public func term(_ x: BoxAxis, _ y: BoxAxis) -> BoxTerm {
    let epsilon = options.epsilon
    return Self.term(x, y, BoxOverlap(x, y, epsilon: epsilon), share: 1, epsilon: epsilon)
  }

  /// The term, with the derivatives of the overlap multiplied by a share.
  @inline(__always)
  static func term(
    _ x: BoxAxis, _ y: BoxAxis, _ overlap: BoxOverlap, share: Double, epsilon: Double
  ) -> BoxTerm {
    let diagonal = x.hull * x.hull + y.hull * y.hull + epsilon
    let apart = (x.distance * x.distance + y.distance * y.distance) / diagonal
    var term = BoxTerm(
      value: overlap.loss + apart, x: overlap.derivatives(across: y, times: share),
      y: overlap.derivatives(across: x, times: share))
    term.x.distance = 2 * x.distance / diagonal
    term.x.hull = -2 * apart * (x.hull / diagonal)
    term.y.distance = 2 * y.distance / diagonal
    term.y.hull = -2 * apart * (y.hull / diagonal)
    return term
  }
}
