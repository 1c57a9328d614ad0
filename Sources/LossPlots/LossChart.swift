public import LossCore

/// The content of a chart: losses and their derivatives against the prediction.
public struct LossChart: Sendable {
  /// The title; empty for none.
  public var title: String
  /// The curves, in the order of the legend.
  public let curves: [Curve]
  /// The panels, from left to right.
  public let panels: [Panel]
  /// Curves that may be drawn later, for which the panels leave some space.
  package var alternatives: [Curve] = []

  /// The quantity of a panel.
  public enum Panel: String, Hashable, Sendable {
    /// The term.
    case loss
    /// Its derivative.
    case gradient

    var quantity: any KeyPath<LossSlice.Point, Double> & Sendable {
      switch self {
      case .loss: \.value
      case .gradient: \.derivative
      }
    }
  }

  /// Creates a chart of curves.
  ///
  /// - Parameters:
  ///   - curves: the curves; at least one.
  ///   - title: the title; nil for the names of the curves, or their number.
  ///   - panels: the quantities to plot.
  /// - Throws: `LossError` of code `invalid_value` for a gradient panel with a loss without gradient.
  public init(
    _ curves: [Curve], title: String? = nil, panels: [Panel] = [.loss]
  ) throws(LossError) {
    let names = curves.count > 3 ? "\(curves.count) losses" : curves.map(\.name).formatted
    self.title = title ?? (panels.contains(.gradient) ? "\(names): loss and gradient" : names)
    self.curves = curves
    self.panels = panels
    if panels.contains(.gradient), let curve = curves.first(where: { !$0.slice.hasDerivative }) {
      throw LossError(
        .invalidValue, loss: curve.slice.loss.name, subject: "the gradient",
        found: "does not exist", expected: "a loss with a gradient")
    }
  }

  /// The range of all curves.
  var range: ClosedRange<Double> {
    let low = curves.map(\.range.lowerBound).min() ?? 0
    let high = curves.map(\.range.upperBound).max() ?? 1
    return low...max(low.nextUp, high)
  }

  /// The label of the axis, if it is the same for all curves.
  var axis: String { common(\.axis) ?? "prediction" }

  /// The fixed inputs, if they are the same for all curves.
  var held: String { common(\.held) ?? "" }

  /// The name of a curve, with its axis and fixed inputs if these differ between curves.
  func legend(of curve: Curve) -> String {
    var notes: [String] = []
    if common(\.axis) == nil { notes.append(curve.slice.axis) }
    if common(\.held) == nil, !curve.slice.held.isEmpty { notes.append(curve.slice.held) }
    return notes.isEmpty ? curve.name : "\(curve.name) (\(notes.joined(separator: "; ")))"
  }

  private func common(_ phrase: KeyPath<LossSlice, String>) -> String? {
    let phrases = Set(curves.map { $0.slice[keyPath: phrase] })
    return phrases.count == 1 ? phrases.first : nil
  }

  /// The scale of a panel.
  func scale(of panel: Panel) -> PlotScale {
    func fitting(_ curves: [Curve]) -> PlotScale {
      PlotScale(fitting: curves.map { curve in curve.points.map { $0[keyPath: panel.quantity] } })
    }
    let scale = fitting(curves)
    guard !alternatives.isEmpty else { return scale }
    // At most half as much space above and below as the curves themselves have.
    let (own, all) = (scale.range, fitting(curves + alternatives).range)
    let margin = (own.upperBound - own.lowerBound) / 2
    let low = min(own.lowerBound, max(all.lowerBound, own.lowerBound - margin))
    let high = max(own.upperBound, min(all.upperBound, own.upperBound + margin))
    return PlotScale(low...high)
  }

  /// A description of the chart for screen readers.
  public var description: String {
    let quantities = panels.map(\.rawValue).joined(separator: " and ")
    let scale = PlotScale(range)
    let interval = "from \(scale.text(range.lowerBound)) to \(scale.text(range.upperBound))"
    let held = held.isEmpty ? "" : ", with \(held)"
    let start =
      "\(quantities.prefix(1).uppercased())\(quantities.dropFirst()) of \(curves.map(\.name).formatted)"
    let kinks = curves.flatMap { curve in
      curve.kinks.map { kink in
        "\(curve.name) has a \(kink.isJump ? "jump" : "kink") at \(scale.text(kink.point.x)),"
          + " where its slope goes from \(scale.text(kink.left.derivative))"
          + " to \(scale.text(kink.right.derivative)) and is stated as"
          + " \(scale.text(kink.point.derivative))."
      }
    }
    return (["\(start) against the \(axis), \(interval)\(held)."] + kinks).joined(separator: " ")
  }
}

extension [String] {
  /// The strings as a list in a sentence: `a, b and c`.
  var formatted: String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}

extension PlotScale {
  /// A number rounded to the visible precision, for a description.
  func text(_ number: Double) -> String {
    guard number.isFinite, number.magnitude < 1e9 else { return "\(number)" }
    let rounded = (number * 1000).rounded() / 1000
    return OptionValue.number(rounded == 0 ? 0 : rounded).text
  }
}
