/// One panel: where its numbers lie on the page, its grid, and the curves in it.
struct PanelFrame {
  let origin: (x: Double, y: Double)
  let size: (width: Double, height: Double)
  let horizontal: PlotScale
  let vertical: PlotScale

  private func x(_ number: Double) -> Double {
    origin.x + horizontal.fraction(number) * size.width
  }

  private func y(_ number: Double) -> Double {
    origin.y + size.height - vertical.fraction(number) * size.height
  }

  // MARK: Grid

  /// The lines at round numbers, their labels, and the words at the axes.
  func grid(heading: String, axis: String, held: String) -> [String] {
    let (right, bottom) = (origin.x + size.width, origin.y + size.height)
    let horizontals = vertical.ticks.flatMap { tick in
      let y = SVGChart.number(y(tick))
      return [
        "<path class=\"\(tick == 0 ? "zero" : "grid")\" d=\"M\(SVGChart.number(origin.x))"
          + " \(y)H\(SVGChart.number(right))\"/>",
        label(vertical.label(tick), origin.x - 7, self.y(tick) + 4, "tick end"),
      ]
    }
    let verticals = horizontal.ticks.flatMap { tick in
      let x = SVGChart.number(x(tick))
      return [
        "<path class=\"\(tick == 0 ? "zero" : "grid")\" d=\"M\(x) \(SVGChart.number(origin.y))"
          + "V\(SVGChart.number(bottom))\"/>",
        label(horizontal.label(tick), self.x(tick), bottom + 16, "tick middle"),
      ]
    }
    let middle = origin.x + size.width / 2
    var words = [
      label(heading, origin.x, origin.y - 8, "heading"),
      label(axis, middle, bottom + 35, "label middle"),
    ]
    if !held.isEmpty { words.append(label(held, middle, bottom + 52, "tick middle")) }
    return horizontals + verticals + words
  }

  private func label(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    "<text class=\"\(style)\" x=\"\(SVGChart.number(x))\" y=\"\(SVGChart.number(y))\">"
      + "\(Markup.escaped(text))</text>"
  }

  // MARK: Curves

  /// The curve as a path, broken where it jumps and where it is no number.
  func path(of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>) -> String {
    var path = ""
    var isDown = false
    for point in points(of: curve, quantity) {
      guard let point, !point[keyPath: quantity].isNaN else {
        isDown = false
        continue
      }
      path += isDown ? "L" : "M"
      path += "\(SVGChart.number(x(point.x))) \(SVGChart.number(y(point[keyPath: quantity])))"
      isDown = true
    }
    return path
  }

  /// The sampled points with those at the kinks; nil where the pen is lifted.
  private func points(
    of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>
  ) -> [LossSlice.Point?] {
    var points: [LossSlice.Point?] = []
    var kinks = curve.kinks[...]
    for point in curve.points {
      while let kink = kinks.first, kink.place.x <= point.x {
        kinks.removeFirst()
        let isBroken = quantity == \.derivative || kink.isJump
        points += isBroken ? [kink.left, nil, kink.right] : [kink.place]
      }
      if curve.kinks.contains(where: { $0.left.x <= point.x && point.x <= $0.right.x }) { continue }
      points.append(point)
    }
    return points
  }

  /// The dots at the kinks: closed where the loss is, or says its slope is; open at the limits from
  /// both sides.
  func dots(of curve: Curve, _ panel: LossChart.Panel, colour: Int) -> [String] {
    let near = (vertical.range.upperBound - vertical.range.lowerBound) * 1e-3
    return curve.kinks.flatMap { kink in
      let place = kink.place[keyPath: panel.quantity]
      let limits = [kink.left, kink.right].map { $0[keyPath: panel.quantity] }
        .filter { !(($0 - place).magnitude <= near) }
      return limits.map { dot(kink.place.x, $0, "open c\(colour)") }
        + [dot(kink.place.x, place, "closed c\(colour)")]
    }.filter { !$0.isEmpty }
  }

  private func dot(_ number: Double, _ height: Double, _ style: String) -> String {
    guard vertical.range.contains(height), horizontal.range.contains(number) else { return "" }
    return "<circle class=\"\(style)\" cx=\"\(SVGChart.number(x(number)))\""
      + " cy=\"\(SVGChart.number(y(height)))\" r=\"3.5\"/>"
  }
}
