import LossCore

/// What two boxes have along one axis.
///
/// Every extent is a difference of corners, at least 0 and rounded once, so that areas of what only
/// one box covers are sums of products and nothing cancels where the boxes are nearly equal.
///
/// A box whose upper corner lies below its lower one is empty, and lies at its lower corner.
public struct BoxAxis {
  /// The extent that both share.
  public let shared: Double
  /// The extent that only the first has.
  public let firstOnly: Double
  /// The extent that only the second has.
  public let secondOnly: Double
  /// The extent between the two, 0 if they meet.
  public let gap: Double
  /// From the middle of the second to that of the first.
  public let distance: Double
  let a: (low: Double, high: Double)
  let b: (low: Double, high: Double)
  /// Whether the corners of each are exchanged.
  let isExchanged: (Bool, Bool)

  /// The two boxes by their corners along the axis.
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

  /// What one interval has on either side of another.
  @inline(__always)
  static func outside(_ own: (low: Double, high: Double), _ other: (low: Double, high: Double))
    -> Double
  {
    Double.relu(Double.minimumPropagatingNaN(other.low, own.high) - own.low)
      + Double.relu(own.high - Double.maximumPropagatingNaN(other.high, own.low))
  }

  /// The extent of the first.
  public var first: Double { shared + firstOnly }
  /// The extent of the second.
  public var second: Double { shared + secondOnly }
  /// The extent of the smallest interval around both.
  public var hull: Double { shared + firstOnly + secondOnly + gap }
}

/// Derivatives with respect to what two boxes have along one axis; each adds to the others.
public struct BoxGradient {
  /// With respect to the extent that both share.
  public var shared: Double = 0
  /// With respect to the extent that only the first has.
  public var firstOnly: Double = 0
  /// With respect to the extent that only the second has.
  public var secondOnly: Double = 0
  /// With respect to the extent between the two.
  public var gap: Double = 0
  /// With respect to the extent of the first.
  public var first: Double = 0
  /// With respect to the extent of the second.
  public var second: Double = 0
  /// With respect to the extent around both.
  public var hull: Double = 0
  /// With respect to the distance of the middles.
  public var distance: Double = 0

  /// Nothing changes.
  @inline(__always)
  public init() {}
}

extension BoxAxis {
  /// The derivatives with respect to the corners of the first.
  @inline(__always)
  func corners(_ derivatives: BoxGradient) -> (low: Double, high: Double) {
    Self.corners(
      a, b, derivatives, only: derivatives.firstOnly, otherOnly: derivatives.secondOnly,
      whole: derivatives.first,
      distance: derivatives.distance / 2, isExchanged: isExchanged.0)
  }

  /// The derivatives with respect to the corners of the second.
  @inline(__always)
  func otherCorners(_ derivatives: BoxGradient) -> (low: Double, high: Double) {
    Self.corners(
      b, a, derivatives, only: derivatives.secondOnly, otherOnly: derivatives.firstOnly,
      whole: derivatives.second,
      distance: -derivatives.distance / 2, isExchanged: isExchanged.1)
  }

  /// A corner of `a` outside of `b` makes more or less of what only `a` has, one inside exchanges what
  /// both share for what only `b` has, and one beyond `b` moves the gap as well.
  ///
  /// Where corners meet, the slope is that of the larger `a`, but half of both where corners of one
  /// side meet and neither is empty.
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

/// How much of what two boxes cover only one of them covers.
public struct BoxOverlap {
  /// The area that either covers.
  public let union: Double
  /// The loss, 1 - shared / (union + ε), as a quotient of what is at least 0.
  public let loss: Double
  /// What both cover, over the area that either covers.
  let share: Double
  let whole: Double

  /// The overlap of two boxes.
  @inline(__always)
  public init(_ x: BoxAxis, _ y: BoxAxis, epsilon: Double) {
    let shared = x.shared * y.shared
    let missed =
      (x.shared * (y.firstOnly + y.secondOnly) + y.shared * (x.firstOnly + x.secondOnly))
      + (x.firstOnly * y.firstOnly + x.secondOnly * y.secondOnly)
    union = shared + missed
    whole = union + epsilon
    loss = (missed + epsilon) / whole
    share = shared / whole
  }

  /// The derivatives of the loss along one axis, times a factor.
  @inline(__always)
  public func derivatives(across other: BoxAxis, times factor: Double = 1) -> BoxGradient {
    let unit = factor / whole
    var derivatives = BoxGradient()
    derivatives.shared = unit * (share * (other.firstOnly + other.secondOnly) - loss * other.shared)
    derivatives.firstOnly = unit * (share * other.first)
    derivatives.secondOnly = unit * (share * other.second)
    return derivatives
  }
}
