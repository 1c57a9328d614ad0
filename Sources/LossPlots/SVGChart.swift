/// Renders a chart as SVG: panels side by side, with a title and a legend.
///
/// Curves differ by color and by dashes. Colors follow the light or dark mode of the viewer; light is
/// the default.
public struct SVGChart {
  private let chart: LossChart
  private let isStandalone: Bool
  private let geometry: Geometry
  private let titleLines: [String]
  private let legend: [[SVGLegend.Entry]]
  private var text: [String] = []

  private static let edge = 16.0
  private static let lineHeight = 20.0

  /// The layout, in SVG user units.
  private struct Geometry {
    let left = 52.0
    let right = 18.0
    let panel = (width: 330.0, height: 232.0)
    /// The height above a panel, for its heading.
    let heading = 26.0
    /// The height above all panels, for the title and the legend.
    var top: Double
    /// The height below a panel, for the axis labels.
    let bottom: Double
    let panelCount: Int

    var cell: Double { left + panel.width + right }
    var width: Double { Double(panelCount) * cell }
    var height: Double { top + heading + panel.height + bottom }
  }

  /// The chart as SVG text.
  ///
  /// - Parameters:
  ///   - chart: the chart.
  ///   - standalone: whether to create a complete file, with title, legend, background and styles.
  ///     Otherwise the embedding page must include `SVGStyle.css`.
  public static func text(of chart: LossChart, standalone: Bool = true) -> String {
    var svg = SVGChart(chart, standalone)
    svg.draw()
    return svg.text.joined(separator: "\n") + "\n"
  }

  private init(_ chart: LossChart, _ isStandalone: Bool) {
    self.chart = chart
    self.isStandalone = isStandalone
    var geometry = Geometry(
      top: 0, bottom: chart.held.isEmpty ? 44 : 60, panelCount: max(1, chart.panels.count))
    let contentWidth = geometry.width - 2 * Self.edge
    legend = isStandalone ? SVGLegend.rows(chart, width: contentWidth) : []
    titleLines = isStandalone ? Self.wrapped(chart.title, columns: Int(contentWidth / 9.2)) : []
    if isStandalone {
      geometry.top = 22 + Double(legend.count + titleLines.count) * Self.lineHeight
    }
    self.geometry = geometry
  }

  // MARK: Parts

  private mutating func draw() {
    let (width, height) = (Self.number(geometry.width), Self.number(geometry.height))
    text.append(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"loss-plot\" role=\"img\""
        + " viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\">")
    text.append("<title>\(Markup.escaped(isStandalone ? chart.title : plainTitle))</title>")
    text.append("<desc>\(Markup.escaped(chart.description))</desc>")
    if isStandalone {
      text.append("<style>\n\(SVGStyle.css)</style>")
      text.append("<rect class=\"back\" width=\"\(width)\" height=\"\(height)\"/>")
      for (row, line) in titleLines.enumerated() {
        text.append(
          "<text class=\"title\" x=\"16\" y=\"\(28 + row * 20)\">\(Markup.escaped(line))</text>")
      }
      drawLegend()
    }
    for (index, panel) in chart.panels.enumerated() {
      draw(panel, at: index)
    }
    text.append("</svg>")
  }

  private var plainTitle: String {
    "\(chart.panels.map(\.rawValue).formatted) of \(chart.curves.map(\.name).formatted)"
  }

  private mutating func drawLegend() {
    for (row, entries) in legend.enumerated() {
      let y = 32 + Double(row + titleLines.count) * Self.lineHeight
      for entry in entries {
        let (x, yLine) = (Self.number(Self.edge + entry.x), Self.number(y - 4))
        text.append(
          "<path class=\"curve c\(entry.index % SVGStyle.colors.count)\""
            + Self.dashes(of: entry.index) + " d=\"M\(x) \(yLine)h34\"/>")
        let start = Self.number(Self.edge + entry.x + SVGLegend.sample)
        text.append(
          "<text class=\"label\" x=\"\(start)\" y=\"\(Self.number(y))\">\(Markup.escaped(entry.text))</text>"
        )
      }
    }
  }

  private func frame(of panel: LossChart.Panel, at index: Int) -> PanelFrame {
    PanelFrame(
      origin: (
        geometry.left + Double(index) * geometry.cell, geometry.top + geometry.heading
      ), size: geometry.panel, horizontal: PlotScale(chart.range), vertical: chart.scale(of: panel))
  }

  /// Another curve in the coordinates of each panel of a chart that is not standalone.
  package static func drawings(of curve: Curve, in chart: LossChart) -> [CurveDrawing] {
    let svg = SVGChart(chart, false)
    return chart.panels.enumerated().map { index, panel in
      CurveDrawing(curve, panel, svg.frame(of: panel, at: index))
    }
  }

  private mutating func draw(_ panel: LossChart.Panel, at index: Int) {
    let frame = frame(of: panel, at: index)
    let origin = frame.origin
    text.append("<g>")
    text += frame.grid(heading: panel.rawValue, axis: chart.axis, held: chart.held)
    let (x, y) = (Self.number(origin.x), Self.number(origin.y))
    let (width, height) = (Self.number(frame.size.width), Self.number(frame.size.height))
    // A nested SVG clips the curves to the panel, without the id that a clip path would need.
    text.append(
      "<svg x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\""
        + " viewBox=\"\(x) \(y) \(width) \(height)\">")
    for (index, curve) in chart.curves.enumerated() {
      text.append(
        "<path class=\"curve c\(index % SVGStyle.colors.count)\"\(Self.dashes(of: index))"
          + " d=\"\(frame.path(of: curve, panel.quantity))\"/>")
    }
    text.append("</svg>")
    for (index, curve) in chart.curves.enumerated() {
      text += frame.dots(of: curve, panel, color: index % SVGStyle.colors.count)
    }
    text.append("</g>")
  }

  // MARK: Formatting

  private static func dashes(of index: Int) -> String {
    // Curves with the same color, six apart, have different dashes.
    let pattern = SVGStyle.dashes[(index + index / SVGStyle.colors.count) % SVGStyle.dashes.count]
    return pattern.isEmpty ? "" : " stroke-dasharray=\"\(pattern)\""
  }

  /// Wraps a text at word boundaries to lines of a given number of characters.
  private static func wrapped(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= columns {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  /// A number with at most two decimals.
  static func number(_ number: Double) -> String {
    let rounded = (number * 100).rounded() / 100
    return Int(exactly: rounded).map(String.init) ?? String(rounded)
  }
}

/// Arranges the entries of a legend in rows.
enum SVGLegend {
  struct Entry {
    let index: Int
    let text: String
    let x: Double
  }

  /// The width of the line sample before a name.
  static let sample = 42.0

  static func rows(_ chart: LossChart, width: Double) -> [[Entry]] {
    var rows: [[Entry]] = [[]]
    var x = 0.0
    for (index, curve) in chart.curves.enumerated() {
      let text = chart.legend(of: curve)
      // The font metrics are unknown; this is the average character width of common fonts.
      let needed = sample + Double(text.count) * 7.2
      if x > 0, x + needed > width {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append(Entry(index: index, text: text, x: x))
      x += needed + 22
    }
    return rows
  }
}
