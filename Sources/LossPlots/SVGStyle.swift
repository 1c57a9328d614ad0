/// The colours and dashes of plots.
public enum SVGStyle {
  /// The colours of the curves on a light and on a dark ground. They differ in lightness too, so
  /// that they stay apart for eyes that miss a colour.
  static let colours = [
    (light: "#0072b2", dark: "#56b4e9"), (light: "#c2410c", dark: "#ff9a5c"),
    (light: "#007a5e", dark: "#3cc79d"), (light: "#9b3f8f", dark: "#e08fd0"),
    (light: "#8a6d00", dark: "#f0d03c"), (light: "#3f4a57", dark: "#c3ccd6"),
  ]

  /// The dashes of the curves; the first is drawn through.
  static let dashes = ["", "9 5", "2 4", "12 4 2 4", "16 5", "6 3 2 3 2 3"]

  /// The rules of style, for light and for dark.
  public static let css: String = rules(\.light, .light) + dark

  private static var dark: String {
    "@media (prefers-color-scheme: dark) {\n" + rules(\.dark, .dark) + "}\n"
  }

  private struct Ground {
    let back, text, muted, grid, zero: String
    static let light = Ground(
      back: "#ffffff", text: "#1f2328", muted: "#57606a", grid: "#e6e9ed", zero: "#9aa3ad")
    static let dark = Ground(
      back: "#0d1117", text: "#e6edf3", muted: "#9aa4af", grid: "#262c36", zero: "#6e7681")
  }

  private static func rules(
    _ colour: KeyPath<(light: String, dark: String), String>, _ ground: Ground
  ) -> String {
    let curves = colours.enumerated().map { index, pair in
      let colour = pair[keyPath: colour]
      return ".loss-plot .curve.c\(index), .loss-plot .open.c\(index) { stroke: \(colour) }\n"
        + ".loss-plot .closed.c\(index) { fill: \(colour) }\n"
    }
    return """
      .loss-plot text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: \(ground.text) }
      .loss-plot .title { font-size: 16px; font-weight: 600 }
      .loss-plot .heading { font-size: 13px; font-weight: 600 }
      .loss-plot .tick { font-size: 11px; fill: \(ground.muted) }
      .loss-plot .middle { text-anchor: middle }
      .loss-plot .end { text-anchor: end }
      .loss-plot .back, .loss-plot .open { fill: \(ground.back) }
      .loss-plot .grid, .loss-plot .zero { fill: none; stroke: \(ground.grid) }
      .loss-plot .zero { stroke: \(ground.zero) }
      .loss-plot .curve { fill: none; stroke-width: 2.2; stroke-linejoin: round }
      .loss-plot .open { stroke-width: 1.8 }

      """ + curves.joined()
  }
}
