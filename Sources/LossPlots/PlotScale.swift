/// An axis of a plot: its range and tick marks at round numbers.
public struct PlotScale: Hashable, Sendable {
  /// The range.
  public let range: ClosedRange<Double>
  /// The tick marks.
  public let ticks: [Double]
  private let decimals: Int

  /// The scale of a range, with about the given number of tick marks.
  public init(_ range: ClosedRange<Double>, marks: Int = 6) {
    self.range = range
    let step = PlotScale.roundStep((range.upperBound - range.lowerBound) / Double(max(1, marks)))
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    ticks = first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
    var decimals = 0
    var unit = 1.0
    while unit > step * 1.000_001, decimals < 12 {
      unit /= 10
      decimals += 1
    }
    self.decimals = decimals
  }

  /// The scale of curves, with a margin.
  ///
  /// Extreme numbers, such as those of a logarithm near its pole, are clipped: the range is that of the
  /// middle four fifths of the numbers, extended by its own width on each side up to the actual range.
  public init(fitting curves: [[Double]], marks: Int = 6) {
    var low = Double.infinity
    var high = -Double.infinity
    for curve in curves {
      let numbers = curve.filter(\.isFinite).sorted()
      guard let minimum = numbers.first, let maximum = numbers.last else { continue }
      let cut = numbers.count / 10
      let inner = (numbers[cut], numbers[numbers.count - 1 - cut])
      let width = inner.1 > inner.0 ? inner.1 - inner.0 : maximum - minimum
      low = min(low, max(minimum, inner.0 - width))
      high = max(high, min(maximum, inner.1 + width))
    }
    if !(low <= high) { (low, high) = (0, 1) }
    let margin = high > low ? (high - low) * 0.06 : max(1, high.magnitude) / 2
    self.init((low - margin)...(high + margin), marks: marks)
  }

  /// The label of a tick mark, with as many decimals as the step needs.
  public func label(_ tick: Double) -> String {
    guard tick.magnitude < 1e6 else { return "\(tick)" }
    var unit = 1.0
    for _ in 0..<decimals { unit *= 10 }
    let digits = String(Int((tick.magnitude * unit).rounded()))
    let padding = String(repeating: "0", count: max(0, decimals + 1 - digits.count))
    let all = padding + digits
    let whole = all.dropLast(decimals)
    let text = decimals > 0 ? "\(whole).\(all.suffix(decimals))" : String(whole)
    return tick < 0 && text.contains(where: { "123456789".contains($0) }) ? "−\(text)" : text
  }

  /// The smallest step of 1, 2 or 5 times a power of ten that is at least 0.8 times the minimum.
  private static func roundStep(_ minimum: Double) -> Double {
    guard minimum.isFinite, minimum > 0 else { return 1 }
    var unit = 1.0
    while unit > minimum { unit /= 10 }
    while unit * 10 <= minimum { unit *= 10 }
    return [1, 2, 5, 10].map { $0 * unit }.first { $0 >= minimum * 0.8 } ?? unit * 10
  }

  /// The position of a number: 0 at the lower bound, 1 at the upper bound, clamped to -1 ... 2.
  func fraction(_ number: Double) -> Double {
    let fraction = (number - range.lowerBound) / (range.upperBound - range.lowerBound)
    return min(max(fraction, -1), 2)
  }
}
