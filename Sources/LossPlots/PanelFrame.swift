/// One panel: its coordinate system, grid and curves.
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

  /// The grid lines with their labels, and the labels of the axes.
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
    var labels = [
      label(heading, origin.x, origin.y - 8, "heading"),
      label(axis, middle, bottom + 35, "label middle"),
    ]
    if !held.isEmpty { labels.append(label(held, middle, bottom + 52, "tick middle")) }
    return horizontals + verticals + labels
  }

  private func label(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    "<text class=\"\(style)\" x=\"\(SVGChart.number(x))\" y=\"\(SVGChart.number(y))\">"
      + "\(Markup.escaped(text))</text>"
  }

  // MARK: Curves

  /// The curve as a path, interrupted at discontinuities and at NaN.
  func path(of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>) -> String {
    var path = ""
    var isDrawing = false
    for point in points(of: curve, quantity) {
      guard let point, !point[keyPath: quantity].isNaN else {
        isDrawing = false
        continue
      }
      path += isDrawing ? "L" : "M"
      path += "\(SVGChart.number(x(point.x))) \(SVGChart.number(y(point[keyPath: quantity])))"
      isDrawing = true
    }
    return path
  }

  /// The sampled points and the points at kinks; nil where the path is interrupted.
  private func points(
    of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>
  ) -> [LossSlice.Point?] {
    var points: [LossSlice.Point?] = []
    var kinks = curve.kinks[...]
    for point in curve.points {
      while let kink = kinks.first, kink.point.x <= point.x {
        kinks.removeFirst()
        let isBroken = quantity == \.derivative || kink.isJump
        points += isBroken ? [kink.left, nil, kink.right] : [kink.point]
      }
      if curve.kinks.contains(where: { $0.left.x <= point.x && point.x <= $0.right.x }) { continue }
      points.append(point)
    }
    return points
  }

  /// The dots at the kinks: filled at the value or derivative that the loss returns, open at the
  /// one-sided limits.
  func dots(of curve: Curve, _ panel: LossChart.Panel, color: Int) -> [String] {
    let tolerance = (vertical.range.upperBound - vertical.range.lowerBound) * 1e-3
    return curve.kinks.flatMap { kink in
      let number = kink.point[keyPath: panel.quantity]
      let limits = [kink.left, kink.right].map { $0[keyPath: panel.quantity] }
        .filter { !(($0 - number).magnitude <= tolerance) }
      return limits.map { dot(kink.point.x, $0, "open c\(color)") }
        + [dot(kink.point.x, number, "closed c\(color)")]
    }.filter { !$0.isEmpty }
  }

  private func dot(_ number: Double, _ height: Double, _ style: String) -> String {
    guard vertical.range.contains(height), horizontal.range.contains(number) else { return "" }
    return "<circle class=\"\(style)\" cx=\"\(SVGChart.number(x(number)))\""
      + " cy=\"\(SVGChart.number(y(height)))\" r=\"3.5\"/>"
  }
}
