/// The colors and dash patterns of plots.
public enum SVGStyle {
  /// The curve colors for light and dark mode. They also differ in lightness, for color-blind viewers.
  static let colors = [
    (light: "#0072b2", dark: "#56b4e9"), (light: "#c2410c", dark: "#ff9a5c"),
    (light: "#007a5e", dark: "#3cc79d"), (light: "#9b3f8f", dark: "#e08fd0"),
    (light: "#8a6d00", dark: "#f0d03c"), (light: "#3f4a57", dark: "#c3ccd6"),
  ]

  /// The dash patterns of the curves; the first is solid.
  static let dashes = ["", "9 5", "2 4", "12 4 2 4", "16 5", "6 3 2 3 2 3"]

  /// The style sheet for light and dark mode.
  public static let css: String = rules(\.light, .light) + dark

  private static var dark: String {
    "@media (prefers-color-scheme: dark) {\n" + rules(\.dark, .dark) + "}\n"
  }

  private struct Theme {
    let back, text, muted, grid, zero: String
    static let light = Theme(
      back: "#ffffff", text: "#1f2328", muted: "#57606a", grid: "#e6e9ed", zero: "#9aa3ad")
    static let dark = Theme(
      back: "#0d1117", text: "#e6edf3", muted: "#9aa4af", grid: "#262c36", zero: "#6e7681")
  }

  private static func rules(
    _ color: KeyPath<(light: String, dark: String), String>, _ theme: Theme
  ) -> String {
    let curves = colors.enumerated().map { index, pair in
      let color = pair[keyPath: color]
      return ".loss-plot .curve.c\(index), .loss-plot .open.c\(index) { stroke: \(color) }\n"
        + ".loss-plot .closed.c\(index) { fill: \(color) }\n"
    }
    return """
      .loss-plot text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: \(theme.text) }
      .loss-plot .title { font-size: 16px; font-weight: 600 }
      .loss-plot .heading { font-size: 13px; font-weight: 600 }
      .loss-plot .tick { font-size: 11px; fill: \(theme.muted) }
      .loss-plot .middle { text-anchor: middle }
      .loss-plot .end { text-anchor: end }
      .loss-plot .back, .loss-plot .open { fill: \(theme.back) }
      .loss-plot .grid, .loss-plot .zero { fill: none; stroke: \(theme.grid) }
      .loss-plot .zero { stroke: \(theme.zero) }
      .loss-plot .curve { fill: none; stroke-width: 2.2; stroke-linejoin: round }
      .loss-plot .open { stroke-width: 1.8 }

      """ + curves.joined()
  }
}
