import LossCore

/// The extents of two boxes, and of their intersection and difference, along one axis.
///
/// Every extent is a difference of corners, at least 0 and rounded once. Areas that only one box
/// covers are then sums of products, and nothing cancels for nearly equal boxes.
///
/// A box whose upper corner lies below its lower one is empty and lies at its lower corner.
public struct BoxAxis {
  /// The extent of the intersection.
  public let shared: Double
  /// The extent that only the first box covers.
  public let firstOnly: Double
  /// The extent that only the second box covers.
  public let secondOnly: Double
  /// The extent between the boxes, 0 if they overlap or touch.
  public let gap: Double
  /// The centre of the first minus the centre of the second.
  public let distance: Double
  let a: (low: Double, high: Double)
  let b: (low: Double, high: Double)
  /// Whether the corners of the first and of the second box are exchanged.
  let isExchanged: (Bool, Bool)

  /// Two boxes, by their corners along the axis.
  @inline(__always)
  init(_ firstLow: Double, _ firstHigh: Double, _ secondLow: Double, _ secondHigh: Double) {
    isExchanged = (firstHigh < firstLow, secondHigh < secondLow)
    a = (firstLow, Double.maximumPropagatingNaN(firstHigh, firstLow))
    b = (secondLow, Double.maximumPropagatingNaN(secondHigh, secondLow))
    let (low, high) = (
      Double.maximumPropagatingNaN(a.low, b.low), Double.minimumPropagatingNaN(a.high, b.high)
    )
    shared = Double.relu(high - low)
    gap = Double.relu(low - high)
    firstOnly = Self.outside(a, b)
    secondOnly = Self.outside(b, a)
    distance = ((a.low - b.low) + (a.high - b.high)) / 2
  }

  /// The extent of an interval outside another.
  @inline(__always)
  static func outside(_ interval: (low: Double, high: Double), _ other: (low: Double, high: Double))
    -> Double
  {
    Double.relu(Double.minimumPropagatingNaN(other.low, interval.high) - interval.low)
      + Double.relu(interval.high - Double.maximumPropagatingNaN(other.high, interval.low))
  }

  /// The extent of the first box.
  public var first: Double { shared + firstOnly }
  /// The extent of the second box.
  public var second: Double { shared + secondOnly }
  /// The extent of the enclosing interval.
  public var hull: Double { shared + firstOnly + secondOnly + gap }
}

/// Derivatives with respect to the extents of two boxes along one axis; their effects add up.
public struct BoxGradient {
  /// With respect to the extent of the intersection.
  public var shared: Double = 0
  /// With respect to the extent that only the first box covers.
  public var firstOnly: Double = 0
  /// With respect to the extent that only the second box covers.
  public var secondOnly: Double = 0
  /// With respect to the extent between the boxes.
  public var gap: Double = 0
  /// With respect to the extent of the first box.
  public var first: Double = 0
  /// With respect to the extent of the second box.
  public var second: Double = 0
  /// With respect to the extent of the enclosing interval.
  public var hull: Double = 0
  /// With respect to the distance of the centres.
  public var distance: Double = 0

  /// All derivatives 0.
  @inline(__always)
  public init() {}
}

extension BoxAxis {
  /// The derivatives with respect to the corners of the first box.
  @inline(__always)
  func corners(_ derivatives: BoxGradient) -> (low: Double, high: Double) {
    Self.corners(
      a, b, derivatives, only: derivatives.firstOnly, otherOnly: derivatives.secondOnly,
      whole: derivatives.first,
      distance: derivatives.distance / 2, isExchanged: isExchanged.0)
  }

  /// The derivatives with respect to the corners of the second box.
  @inline(__always)
  func otherCorners(_ derivatives: BoxGradient) -> (low: Double, high: Double) {
    Self.corners(
      b, a, derivatives, only: derivatives.secondOnly, otherOnly: derivatives.firstOnly,
      whole: derivatives.second,
      distance: -derivatives.distance / 2, isExchanged: isExchanged.1)
  }

  /// Moving a corner of `a` outside `b` changes the extent that only `a` covers. Inside `b` it
  /// trades the intersection for the extent that only `b` covers; beyond `b` also the gap changes.
  ///
  /// Where corners coincide the derivative is that towards a larger `a`. Where both lower or both
  /// upper corners of non-empty boxes coincide, it is the mean of both one-sided derivatives.
  @inline(__always)
  static func corners(
    _ a: (low: Double, high: Double), _ b: (low: Double, high: Double), _ derivatives: BoxGradient,
    only: Double, otherOnly: Double, whole: Double, distance: Double, isExchanged: Bool
  ) -> (low: Double, high: Double) {
    let inside = derivatives.shared - otherOnly
    let beyond = only - derivatives.gap
    let half = Double.select(a.low < a.high && b.low < b.high, 0.5, 0)
    let lowInside = Double.select(b.low < a.low, 1, Double.select(b.low == a.low, half, 0))
    let highInside = Double.select(a.high < b.high, 1, Double.select(a.high == b.high, half, 0))
    let low = Double.select(a.low > b.high, beyond, only + lowInside * (inside - only))
    let high = Double.select(a.high < b.low, beyond, only + highInside * (inside - only))
    let lowerDerivative = distance - whole - low - derivatives.hull * (1 - lowInside)
    let upperDerivative = distance + whole + high + derivatives.hull * (1 - highInside)
    return (
      lowerDerivative + Double.select(isExchanged, upperDerivative, 0),
      Double.select(isExchanged, 0, upperDerivative)
    )
  }
}

/// The overlap of two boxes: 1 - IoU, with its derivatives.
public struct BoxOverlap {
  /// The area of the union.
  public let union: Double
  /// 1 - intersection / (union + ε), as a quotient of non-negative sums.
  public let loss: Double
  /// The IoU, with ε added to the union.
  let iou: Double
  let denominator: Double
  /// Whether there is nothing to divide by.
  let isEmpty: Bool

  /// The overlap of two boxes.
  @inline(__always)
  public init(_ x: BoxAxis, _ y: BoxAxis, epsilon: Double) {
    let shared = x.shared * y.shared
    let difference =
      (x.shared * (y.firstOnly + y.secondOnly) + y.shared * (x.firstOnly + x.secondOnly))
      + (x.firstOnly * y.firstOnly + x.secondOnly * y.secondOnly)
    union = shared + difference
    denominator = union + epsilon
    // Without area, equal boxes overlap and others do not.
    let isEqual = x.firstOnly + x.secondOnly + x.gap + y.firstOnly + y.secondOnly + y.gap == 0
    isEmpty = denominator == 0
    loss = Double.select(
      isEmpty, Double.select(isEqual, 0, 1), (difference + epsilon) / denominator)
    iou = Double.select(isEmpty, Double.select(isEqual, 1, 0), shared / denominator)
  }

  /// The derivatives of the loss along one axis, times a factor.
  @inline(__always)
  public func derivatives(across other: BoxAxis, times factor: Double = 1) -> BoxGradient {
    let scale = Double.select(isEmpty, 0, factor / denominator)
    var derivatives = BoxGradient()
    derivatives.shared = scale * (iou * (other.firstOnly + other.secondOnly) - loss * other.shared)
    derivatives.firstOnly = scale * (iou * other.first)
    derivatives.secondOnly = scale * (iou * other.second)
    return derivatives
  }
}
