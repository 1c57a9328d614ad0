internal import LossCore
internal import LossPlots

/// The plot of a loss on its page: a chart for each panel, and sliders for its options.
struct LossPlot {
  let name: String
  let curve: Curve
  let sliders: [OptionSlider]
  private let charts: [LossChart]

  /// - Throws: `LossError` for a loss that cannot be plotted.
  init(of entry: LossEntry, in registry: LossRegistry) throws(LossError) {
    name = entry.metadata.name
    let curve = try Curve(name, LossSlice(of: registry.loss(named: name)))
    let sliders = OptionSlider.sliders(of: entry, curve, in: registry)
    let panels: [LossChart.Panel] = curve.slice.hasDerivative ? [.loss, .gradient] : [.loss]
    var charts: [LossChart] = []
    for panel in panels {
      var chart = try LossChart([curve], panels: [panel])
      chart.alternatives = sliders.flatMap { $0.stops.compactMap(\.curve) }
      charts.append(chart)
    }
    self.curve = curve
    self.sliders = sliders
    self.charts = charts
  }

  /// The plot of a card.
  var thumbnail: String { SVGThumbnail.text(of: curve) }

  /// The plot of a page, with its sliders.
  var html: String {
    let figures = charts.map {
      "<figure>\n\(SVGChart.text(of: $0, standalone: false))</figure>"
    }
    let words =
      ["losses", "plot", name] + (charts.count > 1 ? ["--gradient"] : []) + ["-o", "plot.svg"]
    return "<div class=\"plots\">\n\(figures.joined(separator: "\n"))\n</div>\n\(controls)"
      + "<div id=\"command\">\(HTML.listing(words.joined(separator: " ")))</div>"
  }

  /// The sliders, which the script shows.
  private var controls: String {
    guard !sliders.isEmpty else { return "" }
    let rows = sliders.enumerated().map { index, slider in
      let name = HTML.escaped(slider.option.name)
      return """
        <div><label for="slider-\(index)">\(HTML.code(slider.option.name))</label>
        <input id="slider-\(index)" type="range" min="0" max="\(slider.stops.count - 1)" step="1" \
        value="\(slider.start)" data-option="\(name)" autocomplete="off">
        <output for="slider-\(index)">\(HTML.escaped(slider.option.defaultValue.text))</output></div>
        """
    }
    return """
      <div id="sliders" hidden>
      \(rows.joined(separator: "\n"))
      <p>One option at a time; the grey curve has the defaults.</p>
      </div>
      <script type="application/json" id="curves">\(json)</script>
      <script src="../plot.js" defer=""></script>

      """
  }

  /// For each slider its values, the position of the default, and for each value and panel the path
  /// and the dots.
  private var json: String {
    let items = sliders.map { slider in
      let curves = slider.stops.map { stop in
        guard let curve = stop.curve else { return "null" }
        return JSONText.list(
          charts.flatMap { SVGChart.drawings(of: curve, in: $0) }.map { drawing in
            JSONText.list([
              JSONText.string(drawing.path), JSONText.list(drawing.open),
              JSONText.list(drawing.closed),
            ])
          })
      }
      return JSONText.object([
        "option": JSONText.string(slider.option.name),
        "values": JSONText.strings(slider.stops.map(\.value.text)),
        "start": "\(slider.start)", "curves": JSONText.list(curves),
      ])
    }
    return JSONText.list(items)
  }
}
