/// An axis of a plot: its range, and round numbers to mark on it.
public struct PlotScale: Hashable, Sendable {
  /// The range.
  public let range: ClosedRange<Double>
  /// The round numbers in the range.
  public let ticks: [Double]
  private let decimals: Int

  /// The scale of a range, with about as many marks.
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

  /// The scale of numbers, with room around them.
  ///
  /// Numbers that run away, such as a logarithm near its pole, are cut off: the range is that of
  /// the middle four fifths of them and as much again on each side, as far as there are numbers.
  public init(fitting curves: [[Double]], marks: Int = 6) {
    var low = Double.infinity
    var high = -Double.infinity
    for curve in curves {
      let numbers = curve.filter(\.isFinite).sorted()
      guard let least = numbers.first, let most = numbers.last else { continue }
      let cut = numbers.count / 10
      let inner = (numbers[cut], numbers[numbers.count - 1 - cut])
      let room = inner.1 > inner.0 ? inner.1 - inner.0 : most - least
      low = min(low, max(least, inner.0 - room))
      high = max(high, min(most, inner.1 + room))
    }
    if !(low <= high) { (low, high) = (0, 1) }
    let room = high > low ? (high - low) * 0.06 : max(1, high.magnitude) / 2
    self.init((low - room)...(high + room), marks: marks)
  }

  /// The number as a label: as many decimals as the marks need.
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

  /// 1, 2 or 5 times a power of ten: the first that is not much smaller.
  private static func roundStep(_ least: Double) -> Double {
    guard least.isFinite, least > 0 else { return 1 }
    var unit = 1.0
    while unit > least { unit /= 10 }
    while unit * 10 <= least { unit *= 10 }
    return [1, 2, 5, 10].map { $0 * unit }.first { $0 >= least * 0.8 } ?? unit * 10
  }

  /// Where a number lies: 0 at the lower end, 1 at the upper. What lies far outside is brought near.
  func fraction(_ number: Double) -> Double {
    let fraction = (number - range.lowerBound) / (range.upperBound - range.lowerBound)
    return min(max(fraction, -1), 2)
  }
}
