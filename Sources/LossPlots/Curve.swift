public import LossCore

/// A loss drawn: its line sampled over a range, with its kinks and its jumps.
public struct Curve: Sendable {
  /// What the curve is called in a legend.
  public let name: String
  /// The line.
  public let slice: LossSlice
  /// The range that is drawn, within the domain of the loss.
  public let range: ClosedRange<Double>
  /// Evenly spaced places from end to end.
  public let points: [LossSlice.Point]
  /// Where the derivative jumps, in order.
  public let kinks: [Kink]

  /// A place where the derivative, and perhaps the loss itself, jumps.
  public struct Kink: Hashable, Sendable {
    /// Just before the place.
    public let left: LossSlice.Point
    /// The place itself, with the slope that the loss states there.
    public let place: LossSlice.Point
    /// Just after it.
    public let right: LossSlice.Point
    /// Whether the loss itself jumps.
    public let isJump: Bool
  }

  /// A curve over a range; nil draws the usual one of the line.
  ///
  /// - Throws: `LossError` of code `invalid_value` for a range with nothing to draw in it.
  public init(
    _ name: String, _ slice: LossSlice, over range: ClosedRange<Double>? = nil
  ) throws(LossError) {
    let wanted = range ?? slice.usualRange
    let low = max(wanted.lowerBound, slice.domain.lowerBound)
    let high = min(wanted.upperBound, slice.domain.upperBound)
    guard low < high, low.isFinite, high.isFinite, (high - low).isFinite else {
      throw LossError(
        .invalidValue, loss: slice.loss.name, subject: "the range",
        found: "is \(wanted.lowerBound) to \(wanted.upperBound)",
        expected: "finite numbers within \(slice.domain.lowerBound) to \(slice.domain.upperBound)")
    }
    self.name = name
    self.slice = slice
    self.range = low...high
    let count = Curve.intervals
    points = (0...count).map { index in
      slice.point(at: low + (high - low) * Double(index) / Double(count))
    }
    kinks = KinkFinder(slice: slice, points: points).kinks()
    guard points.contains(where: \.value.isFinite) else {
      throw LossError(
        .invalidValue, loss: slice.loss.name, subject: "the value",
        found: "is nowhere finite from \(low) to \(high)", expected: "a range in its domain")
    }
  }

  /// Even, and a multiple of 6 and 5, so that the whole numbers of the usual ranges are hit.
  static let intervals = 480
}

/// Finds jumps of the derivative, and of the value, between sampled places.
struct KinkFinder {
  let slice: LossSlice
  let points: [LossSlice.Point]

  private var width: Double { (points.last?.x ?? 0) - (points.first?.x ?? 0) }
  /// How far from a kink its two sides are looked at.
  private var offset: Double { width * 1e-7 }

  /// The kinks in order, each once.
  func kinks() -> [Curve.Kink] {
    var kinks: [Curve.Kink] = []
    for quantity in [\LossSlice.Point.derivative, \LossSlice.Point.value] {
      let scale = span(of: quantity)
      guard scale > 0 else { continue }
      for (left, right) in zip(points, points.dropFirst()) {
        let step = (right[keyPath: quantity] - left[keyPath: quantity]).magnitude
        guard step.isFinite, step > 2e-3 * scale,
          let bracket = jump(of: quantity, left, right),
          let kink = kink(at: bracket, scale, quantity),
          !kinks.contains(where: { ($0.place.x - kink.place.x).magnitude < 4 * offset })
        else { continue }
        kinks.append(kink)
      }
    }
    return kinks.sorted { $0.place.x < $1.place.x }
  }

  /// The spread of a quantity without its extremes, which near a pole are beyond measure.
  private func span(of quantity: KeyPath<LossSlice.Point, Double>) -> Double {
    let numbers = points.map { $0[keyPath: quantity] }.filter(\.isFinite).sorted()
    guard let first = numbers.first, let last = numbers.last else { return 0 }
    let cut = numbers.count / 10
    let inner = numbers[numbers.count - 1 - cut] - numbers[cut]
    return inner > 0 ? inner : last - first
  }

  /// Halves the interval, keeping the half with the larger step, as long as the step stays: the
  /// step of a smooth function shrinks with its interval.
  private func jump(
    of quantity: KeyPath<LossSlice.Point, Double>, _ left: LossSlice.Point, _ right: LossSlice.Point
  ) -> (LossSlice.Point, LossSlice.Point)? {
    func step(_ a: LossSlice.Point, _ b: LossSlice.Point) -> Double {
      (b[keyPath: quantity] - a[keyPath: quantity]).magnitude
    }
    let start = step(left, right)
    var (left, right) = (left, right)
    while right.x - left.x > offset / 1000 {
      let middle = slice.point(at: left.x + (right.x - left.x) / 2)
      guard middle.x > left.x, middle.x < right.x else { break }
      // Of equal halves the one on the left: a place in the middle of its jump lies at its end.
      if step(left, middle) >= step(middle, right) { right = middle } else { left = middle }
      guard step(left, right) > start / 4 else { return nil }
    }
    return (left, right)
  }

  private func kink(
    at bracket: (LossSlice.Point, LossSlice.Point), _ scale: Double,
    _ quantity: KeyPath<LossSlice.Point, Double>
  ) -> Curve.Kink? {
    let place = slice.point(at: simplest(in: bracket.0.x, bracket.1.x))
    let left = slice.point(at: place.x - offset)
    let right = slice.point(at: place.x + offset)
    let isJump = (right.value - left.value).magnitude > 1e-3 * span(of: \.value)
    guard (right[keyPath: quantity] - left[keyPath: quantity]).magnitude > 1e-3 * scale else {
      return nil
    }
    return Curve.Kink(left: left, place: place, right: right, isJump: isJump)
  }

  /// The number with the fewest decimals in an interval: a kink at 1 is found as 1.
  private func simplest(in low: Double, _ high: Double) -> Double {
    let slack = offset / 1000
    var unit = 1.0
    for _ in 0..<12 {
      let rounded = ((low + high) / 2 * unit).rounded() / unit
      if rounded >= low - slack, rounded <= high + slack { return rounded }
      unit *= 10
    }
    return high
  }
}
