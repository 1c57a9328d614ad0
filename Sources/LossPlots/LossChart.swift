public import LossCore

/// Losses, and their derivatives, against the prediction: what is drawn, before it is drawn.
public struct LossChart: Sendable {
  /// What stands above everything; empty for nothing.
  public var title: String
  /// The curves, in the order of the legend.
  public let curves: [Curve]
  /// The panels, from left to right.
  public let panels: [Panel]

  /// What a panel shows.
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

  /// A chart of these curves.
  ///
  /// - Parameters:
  ///   - curves: what is drawn; at least one.
  ///   - title: what stands above; nil for the names of the curves, or their number.
  ///   - panels: what is drawn of them.
  /// - Throws: `LossError` of code `invalid_value` for a gradient that none of the losses has.
  public init(
    _ curves: [Curve], title: String? = nil, panels: [Panel] = [.loss]
  ) throws(LossError) {
    let named = curves.count > 3 ? "\(curves.count) losses" : curves.map(\.name).formatted
    self.title = title ?? (panels.contains(.gradient) ? "\(named): loss and gradient" : named)
    self.curves = curves
    self.panels = panels
    if panels.contains(.gradient), let curve = curves.first(where: { !$0.slice.hasDerivative }) {
      throw LossError(
        .invalidValue, loss: curve.slice.loss.name, subject: "the gradient",
        found: "is not a number for each prediction", expected: "a loss with a gradient")
    }
  }

  /// The range of all curves.
  var range: ClosedRange<Double> {
    let low = curves.map(\.range.lowerBound).min() ?? 0
    let high = curves.map(\.range.upperBound).max() ?? 1
    return low...max(low.nextUp, high)
  }

  /// What varies: one phrase if it is the same for all curves.
  var axis: String { common(\.axis) ?? "prediction" }

  /// What is held, if it is the same for all curves.
  var held: String { common(\.held) ?? "" }

  /// A curve's name with what sets it apart from the others.
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
    PlotScale(fitting: curves.map { curve in curve.points.map { $0[keyPath: panel.quantity] } })
  }

  /// The chart in words, for those who do not see it.
  public var description: String {
    let what = panels.map(\.rawValue).joined(separator: " and ")
    let scale = PlotScale(range)
    let ends = "from \(scale.spoken(range.lowerBound)) to \(scale.spoken(range.upperBound))"
    let held = held.isEmpty ? "" : ", with \(held)"
    let start =
      "\(what.prefix(1).uppercased())\(what.dropFirst()) of \(curves.map(\.name).formatted)"
    let kinks = curves.flatMap { curve in
      curve.kinks.map { kink in
        "\(curve.name) has a \(kink.isJump ? "jump" : "kink") at \(scale.spoken(kink.place.x)),"
          + " where its slope goes from \(scale.spoken(kink.left.derivative))"
          + " to \(scale.spoken(kink.right.derivative)) and is stated as"
          + " \(scale.spoken(kink.place.derivative))."
      }
    }
    return (["\(start) against the \(axis), \(ends)\(held)."] + kinks).joined(separator: " ")
  }
}

extension [String] {
  /// The words as a list in a sentence: `a, b and c`.
  var formatted: String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}

extension PlotScale {
  /// A number rounded to what can be seen, as it is said.
  func spoken(_ number: Double) -> String {
    guard number.isFinite, number.magnitude < 1e9 else { return "\(number)" }
    let rounded = (number * 1000).rounded() / 1000
    return OptionValue.number(rounded == 0 ? 0 : rounded).text
  }
}
