public import LossCore

/// A loss curve: a slice of a loss sampled over a range, with its kinks and jumps.
public struct Curve: Sendable {
  /// The name of the curve in a legend.
  public let name: String
  /// The slice of the loss.
  public let slice: LossSlice
  /// The plotted range, within the domain of the loss.
  public let range: ClosedRange<Double>
  /// Evenly spaced points over the range.
  public let points: [LossSlice.Point]
  /// The discontinuities of the derivative, in ascending order.
  public let kinks: [Kink]

  /// A discontinuity of the derivative, and possibly of the loss.
  public struct Kink: Hashable, Sendable {
    /// A point just below the kink.
    public let left: LossSlice.Point
    /// The kink, with the derivative that the loss returns there.
    public let point: LossSlice.Point
    /// A point just above the kink.
    public let right: LossSlice.Point
    /// Whether the loss is discontinuous.
    public let isJump: Bool
  }

  /// Samples a slice over a range; nil for its default range.
  ///
  /// - Throws: `LossError` of code `invalid_value` for a range outside the domain, or without finite
  ///   values.
  public init(
    _ name: String, _ slice: LossSlice, over range: ClosedRange<Double>? = nil
  ) throws(LossError) {
    try self.init(name, slice, over: range, intervals: Self.intervals)
  }

  /// Samples a slice at the ends of a number of intervals, for a plot without kinks if they are not
  /// searched.
  package init(
    _ name: String, _ slice: LossSlice, over range: ClosedRange<Double>? = nil,
    intervals count: Int = Self.intervals, searchesKinks: Bool = true
  ) throws(LossError) {
    let requested = range ?? slice.usualRange
    let low = max(requested.lowerBound, slice.domain.lowerBound)
    let high = min(requested.upperBound, slice.domain.upperBound)
    guard low < high, low.isFinite, high.isFinite, (high - low).isFinite else {
      throw LossError(
        .invalidValue, loss: slice.loss.name, subject: "the range",
        found: "is \(requested.lowerBound) to \(requested.upperBound)",
        expected: "finite numbers within \(slice.domain.lowerBound) to \(slice.domain.upperBound)")
    }
    self.name = name
    self.slice = slice
    self.range = low...high
    points = (0...count).map { index in
      slice.point(at: low + (high - low) * Double(index) / Double(count))
    }
    kinks = searchesKinks ? KinkFinder(slice: slice, points: points).kinks() : []
    guard points.contains(where: \.value.isFinite) else {
      throw LossError(
        .invalidValue, loss: slice.loss.name, subject: "the value",
        found: "is not finite from \(low) to \(high)", expected: "a range in the domain of the loss"
      )
    }
  }

  /// A multiple of 2, 5 and 6, so that the integers of the default ranges are sampled.
  package static let intervals = 480
}

/// Finds discontinuities of the derivative and of the value between samples.
struct KinkFinder {
  let slice: LossSlice
  let points: [LossSlice.Point]

  private var width: Double { (points.last?.x ?? 0) - (points.first?.x ?? 0) }
  /// The distance from a kink at which both sides are evaluated.
  private var offset: Double { width * 1e-7 }

  /// The kinks in ascending order, without duplicates.
  func kinks() -> [Curve.Kink] {
    var kinks: [Curve.Kink] = []
    for quantity in [\LossSlice.Point.derivative, \LossSlice.Point.value] {
      let scale = span(of: quantity)
      // Rounding errors of a constant loss are no kinks.
      let change = quantity == \.value ? scale : scale * width
      guard scale > 0, change > 1e-12 * largest else { continue }
      let steps = zip(points, points.dropFirst()).map { left, right in
        (right[keyPath: quantity] - left[keyPath: quantity]).magnitude
      }
      for (index, step) in steps.enumerated() {
        let (left, right) = (points[index], points[index + 1])
        guard step.isFinite, step > 2e-3 * scale, standsOut(index, of: steps),
          let bracket = jump(of: quantity, left, right),
          let kink = kink(in: bracket, scale, quantity),
          !kinks.contains(where: { ($0.point.x - kink.point.x).magnitude < 4 * offset })
        else { continue }
        kinks.append(kink)
      }
    }
    return kinks.sorted { $0.point.x < $1.point.x }
  }

  /// The largest magnitude of the loss.
  private var largest: Double {
    points.map(\.value.magnitude).filter(\.isFinite).max() ?? 0
  }

  /// The interdecile range of a quantity, which is insensitive to poles.
  private func span(of quantity: KeyPath<LossSlice.Point, Double>) -> Double {
    let numbers = points.map { $0[keyPath: quantity] }.filter(\.isFinite).sorted()
    guard let first = numbers.first, let last = numbers.last else { return 0 }
    let cut = numbers.count / 10
    let inner = numbers[numbers.count - 1 - cut] - numbers[cut]
    return inner > 0 ? inner : last - first
  }

  /// Whether a step exceeds those beside it, as a jump does that is a part of it large enough to be
  /// found: the steps of a smooth function change little by little.
  private func standsOut(_ index: Int, of steps: [Double]) -> Bool {
    guard index > 0, index + 1 < steps.count else { return true }
    return !(steps[index] <= 1.15 * min(steps[index - 1], steps[index + 1]))
  }

  /// Bisects the interval, keeping the half with the larger step, as long as the step persists: the step
  /// of a smooth function shrinks with the interval.
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
      // For equal steps the left half, so that the kink is the upper bound of the interval.
      if step(left, middle) >= step(middle, right) { right = middle } else { left = middle }
      guard step(left, right) > start / 4 else { return nil }
    }
    return (left, right)
  }

  private func kink(
    in bracket: (LossSlice.Point, LossSlice.Point), _ scale: Double,
    _ quantity: KeyPath<LossSlice.Point, Double>
  ) -> Curve.Kink? {
    let point = slice.point(at: simplest(in: bracket.0.x, bracket.1.x))
    let left = slice.point(at: point.x - offset)
    let right = slice.point(at: point.x + offset)
    let isJump = (right.value - left.value).magnitude > 1e-3 * span(of: \.value)
    guard (right[keyPath: quantity] - left[keyPath: quantity]).magnitude > 1e-3 * scale else {
      return nil
    }
    return Curve.Kink(left: left, point: point, right: right, isJump: isJump)
  }

  /// The number with the fewest decimals in an interval, so that a kink at 1 is exactly 1.
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
