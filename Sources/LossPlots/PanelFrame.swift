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

  /// The lines where the prediction and the loss are 0, as far as they are within the panel.
  var zeros: String {
    var path = ""
    if horizontal.range.contains(0) {
      path +=
        "M\(Polyline.number(x(0))) \(Polyline.number(origin.y))v\(Polyline.number(size.height))"
    }
    if vertical.range.contains(0) {
      path +=
        "M\(Polyline.number(origin.x)) \(Polyline.number(y(0)))h\(Polyline.number(size.width))"
    }
    return path.isEmpty ? "" : "<path class=\"zero\" d=\"\(path)\"/>"
  }

  // MARK: Curves

  /// The curve as a path, interrupted at discontinuities and at NaN.
  func path(of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>) -> String {
    pieces(of: curve, quantity).map { piece in
      "M" + piece.map { "\(SVGChart.number($0.x)) \(SVGChart.number($0.y))" }.joined(separator: "L")
    }.joined()
  }

  /// The path with few points and decimals, at most a tolerance away from the curve.
  func shortPath(
    of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>, tolerance: Double
  ) -> String {
    pieces(of: curve, quantity).map { piece in
      // Pairs after the first are lines.
      "M"
        + Polyline.simplified(piece, tolerance: tolerance)
        .map { "\(Polyline.number($0.x)) \(Polyline.number($0.y))" }.joined(separator: " ")
    }.joined()
  }

  /// The points of the curve in the coordinates of the plot, a list for each connected piece.
  private func pieces(
    of curve: Curve, _ quantity: KeyPath<LossSlice.Point, Double>
  ) -> [[(x: Double, y: Double)]] {
    var pieces: [[(x: Double, y: Double)]] = []
    var isDrawing = false
    for point in points(of: curve, quantity) {
      guard let point, !point[keyPath: quantity].isNaN else {
        isDrawing = false
        continue
      }
      if !isDrawing { pieces.append([]) }
      pieces[pieces.count - 1].append((x(point.x), y(point[keyPath: quantity])))
      isDrawing = true
    }
    return pieces
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
    dots(of: curve, panel).map { dot in
      "<circle class=\"\(dot.isOpen ? "open" : "closed") c\(color)\" cx=\"\(SVGChart.number(dot.x))\""
        + " cy=\"\(SVGChart.number(dot.y))\" r=\"3.5\"/>"
    }
  }

  /// The dots at the kinks, in the coordinates of the plot.
  func dots(
    of curve: Curve, _ panel: LossChart.Panel
  ) -> [(x: Double, y: Double, isOpen: Bool)] {
    let tolerance = (vertical.range.upperBound - vertical.range.lowerBound) * 1e-3
    return curve.kinks.flatMap { kink in
      let number = kink.point[keyPath: panel.quantity]
      let limits = [kink.left, kink.right].map { $0[keyPath: panel.quantity] }
        .filter { !(($0 - number).magnitude <= tolerance) }
      let dots = limits.map { (height: $0, isOpen: true) } + [(height: number, isOpen: false)]
      return dots.filter { dot in
        vertical.range.contains(dot.height) && horizontal.range.contains(kink.point.x)
      }.map { (x(kink.point.x), y($0.height), $0.isOpen) }
    }
  }
}
