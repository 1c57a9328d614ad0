internal import LossCore
internal import LossPlots

/// A number among the options of a loss, with the curves of a few of its values.
struct OptionSlider {
  /// The name of the option.
  let option: OptionDescription
  /// The values in ascending order, after null if that is the default; no curve for the default.
  let stops: [(value: OptionValue, curve: Curve?)]

  /// The position of the default.
  var start: Int { stops.firstIndex { $0.curve == nil } ?? 0 }

  /// The sliders of all options that change the curve of a loss.
  static func sliders(of entry: LossEntry, _ curve: Curve, in registry: LossRegistry) -> [Self] {
    entry.options.compactMap { Self($0, of: entry, curve, in: registry) }
  }

  /// Nil for an option that is no number, or does not change the curve.
  private init?(
    _ option: OptionDescription, of entry: LossEntry, _ curve: Curve, in registry: LossRegistry
  ) {
    func loss(_ number: Double) -> ConfiguredLoss? {
      try? registry.loss(named: entry.metadata.name, options: [option.name: .number(number)])
    }
    func alternative(_ number: Double) -> Curve? {
      guard let loss = loss(number), let slice = try? LossSlice(of: loss),
        slice.axis == curve.slice.axis, slice.held == curve.slice.held,
        let other = try? Curve(curve.name, slice, over: nil, intervals: Self.intervals),
        other.range == curve.range
      else { return nil }
      return other
    }
    var stops: [(value: OptionValue, curve: Curve?)]
    switch option.defaultValue {
    case .number(let start):
      let numbers = Self.values(around: start) { loss($0) != nil }
      stops = numbers.compactMap { number in
        if number == start { return (.number(number), nil) }
        return alternative(number).map { (.number(number), $0) }
      }
    case .null where loss(0.3) != nil:
      stops = [(.null, nil)]
      for number in [0.1, 0.25, 0.5, 0.75, 0.9, 1, 2] {
        guard let curve = alternative(number) else { continue }
        stops.append((.number(number), curve))
      }
    default: return nil
    }
    guard stops.contains(where: { $0.curve?.differs(from: curve) ?? false }) else { return nil }
    self.option = option
    self.stops = stops
  }

  /// A divisor of the intervals of a curve, a multiple of 2, 5 and 6.
  private static let intervals = 120

  /// Up to nine valid values in ascending order, with the default among them.
  private static func values(around start: Double, isValid: (Double) -> Bool) -> [Double] {
    let isShare = isValid(0.45) && !isValid(1.001) && !isValid(-0.001)
    var candidates: [Double] =
      if isShare {
        [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]
      } else if start == 0 {
        [-1, -0.5, 0.1, 0.25, 0.5, 1, 2]
      } else if start.magnitude < 0.01 {
        [0, 0.01, 0.1, 0.25, 0.5, 1]
      } else if (0.5...4).contains(start) {
        [-1, 0, 0.25, 0.5, 1, 1.5, 2, 3, 5]
      } else {
        [0, 0.2, 0.5, 1.5, 2, 4].map { ($0 * start * 1e6).rounded() / 1e6 }
      }
    candidates.removeAll { $0 == start || !isValid($0) }
    return (candidates + [start]).sorted()
  }
}

extension Curve {
  /// Whether a curve of the same range is visibly another one.
  fileprivate func differs(from other: Curve) -> Bool {
    let finite = other.points.map(\.value).filter(\.isFinite)
    let height = (finite.max() ?? 1) - (finite.min() ?? 0)
    let stride = (other.points.count - 1) / max(1, points.count - 1)
    return points.indices.contains { index in
      let (own, others) = (
        points[index].value, other.points[min(index * stride, other.points.count - 1)].value
      )
      return own.isFinite && others.isFinite
        ? (own - others).magnitude > 0.01 * height
        : own.isFinite != others.isFinite
    }
  }
}
